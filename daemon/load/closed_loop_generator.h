#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/load_run.h"

namespace grayling {

// The built-in generator: N users in a closed loop on one thread, keep-alive connections, the
// request mix of PetClinic's JMeter plan. At most 2000 users. Thread-safe.
//
// A closed loop sends less when the application answers more slowly: its request rate is a symptom,
// not a constant.
class ClosedLoopGenerator final : public LoadGenerator {
 public:
  // `report` may be empty. `clock` must outlive the generator.
  ClosedLoopGenerator(Clock& clock, LoadReport report);
  ~ClosedLoopGenerator() override;

  absl::Status Start(const LoadSettings& settings) override;
  // Requests in flight get 2 s to end.
  absl::Status Stop() override;
  // After a stop: the totals of the load that was stopped.
  LoadStatistics Statistics() override;
  // Those of the present load, or of the last one.
  LoadSettings Settings() override;
  LatencyHistogram Latencies() override;

 private:
  Clock& clock_;
  const LoadReport report_;
  absl::Mutex lifecycle_;  // serialises Start and Stop; taken before mutex_
  mutable absl::Mutex mutex_;
  std::shared_ptr<LoadRun> run_ ABSL_GUARDED_BY(mutex_);
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace grayling
