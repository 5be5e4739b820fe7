#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/metrics/remote_write_body.h"
#include "daemon/metrics/sample_spool.h"
#include "daemon/metrics/victoria_metrics_client.h"

namespace grayling {

struct SpoolDeliveryOptions {
  // How long a sample stays in the spool after VictoriaMetrics answered for it. It shows new
  // samples up to 10 s late, and forgets the last seconds when it is killed.
  absl::Duration settle = absl::Seconds(60);
  absl::Duration retry = absl::Seconds(1);
  size_t samples_per_write = 50'000;
  // Before compression; VictoriaMetrics takes 32 MiB. A larger write is split, down to one sample.
  size_t bytes_per_write = 16 << 20;
};

// Sends what the spool has saved to VictoriaMetrics, oldest first, in one thread. After a failure,
// after a restart of VictoriaMetrics, and at its own start it sends everything again that the spool
// still has: a sample may arrive twice, it is never left out. Thread-safe.
class SpoolDelivery {
 public:
  // Both must outlive it.
  SpoolDelivery(SampleSpool& spool, VictoriaMetricsClient& client,
                SpoolDeliveryOptions options = {});
  // Ends within one write; what was not sent stays in the spool.
  ~SpoolDelivery();

  // Returns when VictoriaMetrics has answered for everything that the spool had saved at the call;
  // the last error, or DEADLINE_EXCEEDED, at `deadline`.
  absl::Status Deliver(absl::Time deadline);

 private:
  void Loop();
  absl::Status SendNext();
  // Of `rows_`, in one write or, where that is too large, in several.
  absl::Status Send(size_t begin, size_t count);
  void NoteFailure(const absl::Status& status);
  void NoteSuccess();
  void LookForRestart();
  void ForgetSettled();
  void SendAllAgain();

  SampleSpool& spool_;
  VictoriaMetricsClient& client_;
  const SpoolDeliveryOptions options_;

  struct Answered {
    int64_t sequence = 0;
    absl::Time at;
  };
  // Of the thread.
  RemoteWriteBody body_;
  SampleSpool::Rows rows_;
  std::deque<Answered> answered_;
  std::optional<int64_t> server_start_;
  absl::Time looked_at_ = absl::InfinitePast();
  absl::Time failing_since_ = absl::InfinitePast();  // InfinitePast: it goes well

  absl::Mutex mutex_;
  int64_t sent_ ABSL_GUARDED_BY(mutex_) = 0;  // a sequence of the spool
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace grayling
