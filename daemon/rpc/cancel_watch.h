#pragma once

#include <grpcpp/server_context.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace grayling {

// Turns "the client of this call has gone away" into a notification, within 200 ms, for work that
// waits by one. Lives in the call's handler.
class CancelWatch {
 public:
  explicit CancelWatch(grpc::ServerContext& context)
      : thread_([this, &context] {
          while (!over_.WaitForNotificationWithTimeout(absl::Milliseconds(200))) {
            if (!context.IsCancelled()) continue;
            gone_.Notify();
            return;
          }
        }) {}
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;
  ~CancelWatch() {
    over_.Notify();
    thread_.join();
  }

  const absl::Notification& notification() const { return gone_; }

 private:
  absl::Notification over_;
  absl::Notification gone_;
  std::thread thread_;
};

}  // namespace grayling
