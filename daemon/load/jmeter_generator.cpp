#include "daemon/load/jmeter_generator.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

namespace fs = std::filesystem;

// Less than the 30 s that clients wait for an answer.
constexpr absl::Duration kFirstSampleLimit = absl::Seconds(25);
constexpr size_t kKeptRuns = 10;

absl::StatusOr<std::string> FindJava(const JmeterPlace& place) {
  if (!place.java.empty()) return place.java;
  const char* path = std::getenv("PATH");
  for (const absl::string_view folder : absl::StrSplit(path == nullptr ? "/usr/bin" : path, ':')) {
    std::string java = absl::StrCat(folder, "/java");
    if (!folder.empty() && access(java.c_str(), X_OK) == 0) return java;
  }
  return absl::FailedPreconditionError(
      "JMeter needs Java and $PATH has none; install openjdk-17-jre-headless");
}

absl::Status CheckPlace(const JmeterPlace& place, const std::string& plan) {
  const std::string jar = place.home + "/bin/ApacheJMeter.jar";
  if (access(jar.c_str(), R_OK) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no JMeter in '", place.home,
                     "'; fetch it with deploy/petclinic/get-jmeter.sh, or name its folder with "
                     "graylingd --jmeter-home"));
  }
  if (!fs::is_regular_file(plan) || access(plan.c_str(), R_OK) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("JMeter plan '", plan, "' cannot be read on the daemon's machine"));
  }
  return absl::OkStatus();
}

// Names sort by time.
void RemoveOldRuns(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> runs;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    runs.push_back(entry.path());
  }
  std::sort(runs.begin(), runs.end());
  for (size_t i = 0; i + kKeptRuns <= runs.size(); ++i) fs::remove_all(runs[i], error);
}

}  // namespace

JmeterGenerator::JmeterGenerator(JmeterPlace place, Clock& clock, LoadReport report)
    : place_(std::move(place)), clock_(clock), report_(std::move(report)) {}

JmeterGenerator::~JmeterGenerator() = default;

absl::Status JmeterGenerator::Start(const LoadSettings& settings) {
  GRAYLING_RETURN_IF_ERROR(CheckJmeterSettings(settings));
  GRAYLING_RETURN_IF_ERROR(CheckPlace(place_, settings.jmeter_plan));
  GRAYLING_ASSIGN_OR_RETURN(std::string java, FindJava(place_));
  std::shared_ptr<JmeterRun> run;
  {
    absl::MutexLock lock(&mutex_);
    if (run_ != nullptr && run_->IsRunning()) {
      return absl::FailedPreconditionError("a load runs already; stop it before starting another");
    }
    GRAYLING_ASSIGN_OR_RETURN(JmeterFiles files, MakeRunFolder());
    run_ = std::make_shared<JmeterRun>(settings, std::move(java), place_.home, std::move(files),
                                       clock_, report_);
    run = run_;
  }
  return run->AwaitFirstSample(kFirstSampleLimit);
}

absl::StatusOr<JmeterFiles> JmeterGenerator::MakeRunFolder() {
  std::error_code error;
  fs::create_directories(place_.runs_folder, error);
  RemoveOldRuns(place_.runs_folder);
  const std::string stem = absl::FormatTime("%Y%m%dT%H%M%E3S", clock_.Now(), absl::UTCTimeZone());
  for (int number = 1; number < 100; ++number) {
    const std::string folder = absl::StrCat(place_.runs_folder, "/", stem, "-", number);
    if (fs::create_directory(folder, error)) return JmeterFiles{folder};
    if (error) break;
  }
  return absl::InternalError(absl::StrCat("cannot make a folder in '", place_.runs_folder,
                                          "' for JMeter's results: ", error.message()));
}

std::shared_ptr<JmeterRun> JmeterGenerator::Run() {
  absl::MutexLock lock(&mutex_);
  return run_;
}

absl::Status JmeterGenerator::Stop() {
  if (const auto run = Run(); run != nullptr) run->Stop();
  return absl::OkStatus();
}

LoadStatistics JmeterGenerator::Statistics() {
  const auto run = Run();
  if (run == nullptr) return {};
  LoadStatistics statistics = run->Statistics();
  statistics.running = run->IsRunning();
  return statistics;
}

LoadSettings JmeterGenerator::Settings() {
  const auto run = Run();
  return run == nullptr ? LoadSettings{} : run->settings();
}

LatencyHistogram JmeterGenerator::Latencies() {
  const auto run = Run();
  return run == nullptr ? LatencyHistogram{} : run->Latencies();
}

}  // namespace grayling
