#include "daemon/load/jmeter_run.h"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/load/jmeter_complaint.h"
#include "daemon/load/jmeter_stop_port.h"

namespace grayling {
namespace {

using Steady = std::chrono::steady_clock;

constexpr absl::Duration kLook = absl::Milliseconds(200);
constexpr absl::Duration kStopTestNowAfter = absl::Seconds(2);
constexpr absl::Duration kSigtermAfter = absl::Seconds(7);
constexpr absl::Duration kSigkillAfter = absl::Seconds(10);

absl::Time NextFullSecond(absl::Time now) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(now) + 1);
}

}  // namespace

JmeterRun::JmeterRun(LoadSettings settings, std::string java, std::string home, JmeterFiles files,
                     Clock& clock, const LoadReport& report)
    : settings_(std::move(settings)),
      java_(std::move(java)),
      home_(std::move(home)),
      files_(std::move(files)),
      clock_(clock),
      report_(report),
      tail_(files_.results()),
      thread_([this](const std::stop_token& stop) { Loop(stop); }) {}

JmeterRun::~JmeterRun() { Stop(); }

absl::Status JmeterRun::AwaitFirstSample(absl::Duration limit) {
  const auto is_decided = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return has_samples_ || has_ended_;
  };
  absl::MutexLock lock(&mutex_);
  if (!mutex_.AwaitWithTimeout(absl::Condition(&is_decided), limit)) {
    spdlog::warn("JMeter has written no sample in {}; it goes on", absl::FormatDuration(limit));
  }
  return has_samples_ ? absl::OkStatus() : verdict_;
}

void JmeterRun::Stop() {
  thread_.request_stop();
  const auto has_ended = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return has_ended_; };
  absl::MutexLock lock(&mutex_, absl::Condition(&has_ended));
}

bool JmeterRun::IsRunning() const {
  absl::MutexLock lock(&mutex_);
  return !has_ended_;
}

LoadStatistics JmeterRun::Statistics() const {
  LoadStatistics statistics = meter_.Statistics();
  absl::MutexLock lock(&mutex_);
  if (!verdict_.ok() && !absl::IsCancelled(verdict_)) {
    statistics.failure = std::string(verdict_.message());
  }
  return statistics;
}

void JmeterRun::Loop(const std::stop_token& stop) {
  const absl::Status verdict = RunProcess(stop);
  if (!verdict.ok() && !absl::IsCancelled(verdict)) {
    spdlog::error("the load by JMeter failed: {}", std::string(verdict.message()));
  }
  absl::MutexLock lock(&mutex_);
  verdict_ = verdict;
  has_ended_ = true;
}

absl::Status JmeterRun::RunProcess(const std::stop_token& stop) {
  GRAYLING_ASSIGN_OR_RETURN(stop_port_, FreeStopPort());
  GRAYLING_ASSIGN_OR_RETURN(
      JmeterProcess process,
      JmeterProcess::Start(JmeterCommand(settings_, java_, home_, files_, stop_port_),
                           files_.folder, files_.output()));
  spdlog::info("JMeter runs {} as process {}; its files are in {}", settings_.jmeter_plan,
               process.pid(), files_.folder);
  std::optional<SteadyTime> asked_to_end;
  while (!process.WaitForEnd(kLook)) {
    GRAYLING_RETURN_IF_ERROR(ReadNewRows());  // a process whose results are unreadable is killed
    ReportWhenSecondEnded();
    if (stop.stop_requested() && !asked_to_end.has_value()) asked_to_end = Steady::now();
    if (asked_to_end.has_value()) {
      Urge(process, absl::FromChrono(Steady::now() - *asked_to_end));
    }
  }
  GRAYLING_RETURN_IF_ERROR(ReadNewRows());
  return Judge(process.exit_code(), asked_to_end.has_value());
}

void JmeterRun::Urge(JmeterProcess& process, absl::Duration since) {
  // JMeter listens for the first two only while a test runs.
  if (counter_.requests() == 0) since += kSigtermAfter;
  if (urged_ == 0) {
    SendStopCommand(stop_port_, "Shutdown");
  } else if (urged_ == 1 && since >= kStopTestNowAfter) {
    SendStopCommand(stop_port_, "StopTestNow");
  } else if (urged_ == 2 && since >= kSigtermAfter) {
    process.Signal(SIGTERM);
  } else if (urged_ == 3 && since >= kSigkillAfter) {
    process.Signal(SIGKILL);
  } else {
    return;
  }
  ++urged_;
}

absl::Status JmeterRun::ReadNewRows() {
  const uint64_t unreadable_before = tail_.reader().unreadable_rows();
  GRAYLING_RETURN_IF_ERROR(tail_.ReadNewRows([this](const JtlRow& row) { counter_.Count(row); }));
  if (unreadable_before == 0 && tail_.reader().unreadable_rows() > 0) {
    spdlog::warn("a row of JMeter's results is left out: {}", tail_.reader().first_complaint());
  }
  if (counter_.requests() == 0 || next_report_.has_value()) return absl::OkStatus();
  second_began_ = Steady::now();
  next_report_ = NextFullSecond(clock_.Now());
  absl::MutexLock lock(&mutex_);
  has_samples_ = true;
  return absl::OkStatus();
}

void JmeterRun::ReportWhenSecondEnded() {
  if (!next_report_.has_value()) return;  // no sample yet
  const absl::Time now = clock_.Now();
  if (now < *next_report_) {
    // The wall clock was set back: do not wait for the old second to come again.
    if (*next_report_ - now > absl::Seconds(1)) next_report_ = NextFullSecond(now);
    return;
  }
  const SteadyTime ended = Steady::now();
  const absl::Duration elapsed =
      std::max(absl::FromChrono(ended - second_began_), absl::Microseconds(1));
  second_began_ = ended;
  next_report_ = NextFullSecond(now);
  const std::vector<LoadSample> samples = meter_.EndSecond(elapsed, counter_.users());
  if (report_) report_(absl::FromUnixSeconds(absl::ToUnixSeconds(now)), samples);
}

absl::Status JmeterRun::Judge(int exit_code, bool stopped) const {
  const uint64_t requests = counter_.requests();
  if (stopped) {
    return requests > 0 ? absl::OkStatus()
                        : absl::CancelledError("the load was stopped before its first sample");
  }
  std::string complaint = JmeterComplaint(files_);
  if (!complaint.empty()) complaint.insert(0, ": ");
  if (requests == 0) {
    return absl::FailedPreconditionError(absl::StrCat("JMeter ended with exit code ", exit_code,
                                                      " and without a sample", complaint, "; see ",
                                                      files_.folder));
  }
  if (exit_code != 0) {
    spdlog::warn("JMeter ended with exit code {} after {} samples{}; see {}", exit_code, requests,
                 complaint, files_.folder);
  } else {
    spdlog::info("JMeter's plan is over after {} samples", requests);
  }
  return absl::OkStatus();
}

}  // namespace grayling
