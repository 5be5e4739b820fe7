#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "deploy/lab/application/circuit_breaker.h"
#include "deploy/lab/application/router.h"

namespace httplib {
class Client;
}

namespace grayling::lab {

// One service behind the gateway: a bounded pool of keep-alive connections, a time limit, one
// retry, a circuit breaker, and the client's view of it as metrics. Thread-safe.
class Upstream {
 public:
  static constexpr size_t kMaxConnections = 16;

  // `address` is http://HOST:PORT.
  Upstream(const std::string& name, std::string address, absl::Duration limit, Registry& metrics,
           Clock& clock);
  ~Upstream();

  // Any HTTP answer is a Reply, also an error. Tried a second time after 503 or when no connection
  // could be made, as PetClinic's gateway does. UNAVAILABLE: circuit open, no connection,
  // connection lost; DEADLINE_EXCEEDED: no answer within the limit.
  absl::StatusOr<Reply> Send(const std::string& method, const std::string& target,
                             const std::string& body, const std::string& content_type);

 private:
  struct Attempt {
    absl::StatusOr<Reply> result;
    bool worth_retrying;
  };
  Attempt Try(const std::string& method, const std::string& target, const std::string& body,
              const std::string& content_type);
  // Null when all connections stay busy for the whole limit.
  std::unique_ptr<httplib::Client> TakeConnection();
  // `client` null: the connection is not to be used again.
  void GiveBack(std::unique_ptr<httplib::Client> client);

  const std::string name_;
  const std::string address_;
  const absl::Duration limit_;
  CircuitBreaker breaker_;
  Histogram& seconds_;
  Number& errors_;
  Number& retries_;
  Number& open_;

  absl::Mutex mutex_;
  std::vector<std::unique_ptr<httplib::Client>> idle_ ABSL_GUARDED_BY(mutex_);
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace grayling::lab
