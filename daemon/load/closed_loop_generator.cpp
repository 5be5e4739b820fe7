#include "daemon/load/closed_loop_generator.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr uint32_t kMostUsers = 2000;

absl::Status Check(const LoadSettings& settings) {
  const std::string& url = settings.base_url;
  if (!absl::StartsWith(url, "http://") && !absl::StartsWith(url, "https://")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "load base_url '", url, "' is not an HTTP address; write http://127.0.0.1:PORT"));
  }
  if (absl::EndsWith(url, "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("load base_url '", url, "' ends with a slash; leave it out"));
  }
  if (settings.users < 1 || settings.users > kMostUsers) {
    return absl::InvalidArgumentError(
        absl::StrCat("load users is ", settings.users, "; it must be between 1 and ", kMostUsers));
  }
  const absl::Duration none = absl::ZeroDuration();
  const absl::Duration longest = absl::Hours(1);
  for (const absl::Duration time :
       {settings.think_time_mean, settings.think_time_deviation, settings.ramp_up}) {
    if (time < none || time > longest) {
      return absl::InvalidArgumentError(
          "load think time and ramp-up must lie between 0 and one hour");
    }
  }
  if (settings.request_timeout < absl::Milliseconds(1) || settings.request_timeout > longest) {
    return absl::InvalidArgumentError(
        "load request_timeout must lie between one millisecond and one hour");
  }
  return absl::OkStatus();
}

}  // namespace

ClosedLoopGenerator::ClosedLoopGenerator(Clock& clock, LoadReport report)
    : clock_(clock), report_(std::move(report)) {
  // Counted by libcurl, and thread-safe since 7.84.
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

ClosedLoopGenerator::~ClosedLoopGenerator() {
  {
    absl::MutexLock lock(&mutex_);
    run_.reset();
  }
  curl_global_cleanup();
}

absl::Status ClosedLoopGenerator::Start(const LoadSettings& settings) {
  GRAYLING_RETURN_IF_ERROR(Check(settings));
  GRAYLING_ASSIGN_OR_RETURN(const int64_t seeded_owners, SeededOwnersOf(settings.mix));
  absl::MutexLock lifecycle(&lifecycle_);
  absl::MutexLock lock(&mutex_);
  if (running_) {
    return absl::FailedPreconditionError("a load runs already; stop it before starting another");
  }
  run_ = std::make_shared<LoadRun>(settings, seeded_owners, clock_, report_);
  running_ = true;
  return absl::OkStatus();
}

absl::Status ClosedLoopGenerator::Stop() {
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

LoadStatistics ClosedLoopGenerator::Statistics() {
  absl::MutexLock lock(&mutex_);
  LoadStatistics statistics;
  if (run_ != nullptr) statistics = run_->Statistics();
  statistics.running = running_;
  return statistics;
}

LoadSettings ClosedLoopGenerator::Settings() {
  absl::MutexLock lock(&mutex_);
  return run_ == nullptr ? LoadSettings{} : run_->settings();
}

LatencyHistogram ClosedLoopGenerator::Latencies() {
  absl::MutexLock lock(&mutex_);
  return run_ == nullptr ? LatencyHistogram{} : run_->Latencies();
}

}  // namespace grayling
