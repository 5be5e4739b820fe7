#include "daemon/load/built_in_generator.h"

#include <utility>

#include "base/status_macros.h"
#include "daemon/load/load_check.h"

namespace grayling {
BuiltInGenerator::BuiltInGenerator(Clock& clock, LoadReport report)
    : clock_(clock), report_(std::move(report)) {
  // Counted by libcurl, and thread-safe since 7.84.
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

BuiltInGenerator::~BuiltInGenerator() {
  {
    absl::MutexLock lock(&mutex_);
    run_.reset();
  }
  curl_global_cleanup();
}

absl::Status BuiltInGenerator::Start(const LoadSettings& settings) {
  GRAYLING_RETURN_IF_ERROR(CheckLoadSettings(settings));
  GRAYLING_ASSIGN_OR_RETURN(LoadMix mix, MixOf(settings));
  absl::MutexLock lifecycle(&lifecycle_);
  absl::MutexLock lock(&mutex_);
  if (running_) {
    return absl::FailedPreconditionError("a load runs already; stop it before starting another");
  }
  run_ = std::make_shared<LoadRun>(settings, std::move(mix), clock_, report_);
  running_ = true;
  return absl::OkStatus();
}

absl::Status BuiltInGenerator::Stop() {
  absl::MutexLock lifecycle(&lifecycle_);
  std::shared_ptr<LoadRun> run;
  {
    absl::MutexLock lock(&mutex_);
    if (!running_) return absl::OkStatus();
    run = run_;
  }
  run->Stop();
  absl::MutexLock lock(&mutex_);
  running_ = false;
  return absl::OkStatus();
}

LoadStatistics BuiltInGenerator::Statistics() {
  absl::MutexLock lock(&mutex_);
  LoadStatistics statistics;
  if (run_ != nullptr) statistics = run_->Statistics();
  statistics.running = running_;
  return statistics;
}

LoadSettings BuiltInGenerator::Settings() {
  absl::MutexLock lock(&mutex_);
  return run_ == nullptr ? LoadSettings{} : run_->settings();
}

LatencyHistogram BuiltInGenerator::Latencies() {
  absl::MutexLock lock(&mutex_);
  return run_ == nullptr ? LatencyHistogram{} : run_->Latencies();
}

}  // namespace grayling
