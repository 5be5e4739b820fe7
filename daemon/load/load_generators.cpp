#include "daemon/load/load_generators.h"

#include <utility>

namespace grayling {

LoadGenerators::LoadGenerators(std::unique_ptr<LoadGenerator> built_in,
                               std::unique_ptr<LoadGenerator> jmeter)
    : built_in_(std::move(built_in)), jmeter_(std::move(jmeter)), current_(built_in_.get()) {}

absl::Status LoadGenerators::Start(const LoadSettings& settings) {
  LoadGenerator* chosen = settings.jmeter_plan.empty() ? built_in_.get() : jmeter_.get();
  LoadGenerator* before = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (is_starting_ || current_->Statistics().running) {
      return absl::FailedPreconditionError("a load runs already; stop it before starting another");
    }
    is_starting_ = true;
    before = std::exchange(current_, chosen);
  }
  // Without the lock: JMeter takes seconds, and Stop() must reach it meanwhile.
  const absl::Status started = chosen->Start(settings);
  absl::MutexLock lock(&mutex_);
  is_starting_ = false;
  if (!started.ok()) current_ = before;
  return started;
}

absl::Status LoadGenerators::Stop() { return Current().Stop(); }

LoadStatistics LoadGenerators::Statistics() { return Current().Statistics(); }

LoadSettings LoadGenerators::Settings() { return Current().Settings(); }

LatencyHistogram LoadGenerators::Latencies() { return Current().Latencies(); }

LoadGenerator& LoadGenerators::Current() {
  absl::MutexLock lock(&mutex_);
  return *current_;
}

}  // namespace grayling
