#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/load/jmeter_command.h"
#include "daemon/load/jmeter_process.h"
#include "daemon/load/jtl_counter.h"
#include "daemon/load/jtl_tail.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/load_meter.h"
#include "daemon/load/load_run.h"

namespace grayling {

// One load by JMeter from its start to its end. A thread of its own starts the process, reads its
// results five times a second, and reports each second from the first sample on. All but the
// destructor is thread-safe.
class JmeterRun {
 public:
  // Starts at once. `files.folder` is there and empty. `clock` and `report` must outlive the run.
  JmeterRun(LoadSettings settings, std::string java, std::string home, JmeterFiles files,
            Clock& clock, const LoadReport& report);
  // Stops.
  ~JmeterRun();

  // OK when samples come, or when none has come within `limit` and JMeter still runs: a plan may
  // begin slowly. FAILED_PRECONDITION or CANCELLED when it ended before its first sample.
  absl::Status AwaitFirstSample(absl::Duration limit);
  // Asks JMeter to end; after 2 s to drop what is in flight; then come SIGTERM (after 7 s) and
  // SIGKILL (after 10 s). Returns when the process is gone.
  void Stop();
  bool IsRunning() const;
  // `running` is left false.
  LoadStatistics Statistics() const;
  LatencyHistogram Latencies() const { return meter_.Latencies(); }
  const LoadSettings& settings() const { return settings_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  void Loop(const std::stop_token& stop);
  absl::Status RunProcess(const std::stop_token& stop);
  // The next step towards the end of a process that was first asked to end `since` ago.
  void Urge(JmeterProcess& process, absl::Duration since);
  absl::Status ReadNewRows();
  void ReportWhenSecondEnded();
  absl::Status Judge(int exit_code, bool stopped) const;

  const LoadSettings settings_;
  const std::string java_;
  const std::string home_;
  const JmeterFiles files_;
  Clock& clock_;
  const LoadReport& report_;
  LoadMeter meter_;

  mutable absl::Mutex mutex_;
  bool has_samples_ ABSL_GUARDED_BY(mutex_) = false;
  bool has_ended_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status verdict_ ABSL_GUARDED_BY(mutex_);

  // The loop's own state, touched by its thread alone.
  JtlCounter counter_{meter_};
  JtlTail tail_;
  uint16_t stop_port_ = 0;
  int urged_ = 0;  // steps of Urge() that were taken
  SteadyTime second_began_;
  std::optional<absl::Time> next_report_;

  std::jthread thread_;
};

}  // namespace grayling
