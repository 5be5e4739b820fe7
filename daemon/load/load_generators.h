#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// All ways to make load behind one seam: settings with a `jmeter_plan` go to JMeter, others to the
// built-in generator, and one load runs at a time. What is asked for without settings is asked of
// the generator that was started last. Thread-safe.
class LoadGenerators final : public LoadGenerator {
 public:
  LoadGenerators(std::unique_ptr<LoadGenerator> built_in, std::unique_ptr<LoadGenerator> jmeter);

  // After an error the load before it is still the one that is asked about.
  absl::Status Start(const LoadSettings& settings) override;
  // Also of a load that is being started.
  absl::Status Stop() override;
  LoadStatistics Statistics() override;
  LoadSettings Settings() override;
  LatencyHistogram Latencies() override;

 private:
  LoadGenerator& Current();

  const std::unique_ptr<LoadGenerator> built_in_;
  const std::unique_ptr<LoadGenerator> jmeter_;
  absl::Mutex mutex_;
  LoadGenerator* current_ ABSL_GUARDED_BY(mutex_);
  bool is_starting_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace grayling
