#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/load_run.h"

namespace grayling {

// The built-in generator: one thread, keep-alive connections, a closed loop of at most 2000 users
// or an open one with at most 2000 requests in flight, with PetClinic's requests or a mix of a
// person's own. Thread-safe.
//
// A closed loop sends less when the application answers more slowly: its request rate is a symptom,
// not a constant. An open one goes on at its rate, and counts latency from the instant at which a
// request should have started.
class BuiltInGenerator final : public LoadGenerator {
 public:
  // `report` may be empty. `clock` must outlive the generator.
  BuiltInGenerator(Clock& clock, LoadReport report);
  ~BuiltInGenerator() override;

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
