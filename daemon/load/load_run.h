#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <stop_token>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/clock.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/load_meter.h"
#include "daemon/load/virtual_user.h"

namespace grayling {

// Told of every second of load, in the load's own thread: the instant at which the second ended,
// and its samples. Must return quickly, and must not stop the load.
using LoadReport = std::function<void(absl::Time, absl::Span<const LoadSample>)>;

// One load from its start to its end: one thread drives all users on one curl multi handle.
// Statistics() and Stop() are thread-safe.
class LoadRun {
 public:
  // Starts at once. `clock` and `report` must outlive the run.
  LoadRun(LoadSettings settings, int64_t seeded_owners, Clock& clock, const LoadReport& report);
  // Stops.
  ~LoadRun();

  // No new requests; returns when those in flight have ended, or have been cut off after 2 s. Not
  // to be called by two threads at a time.
  void Stop();
  LoadStatistics Statistics() const;
  LatencyHistogram Latencies() const { return meter_.Latencies(); }
  const LoadSettings& settings() const { return settings_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Due {
    SteadyTime time;
    VirtualUser* user;
    bool operator>(const Due& other) const { return time > other.time; }
  };

  void Loop(const std::stop_token& stop);
  void EnterUsers();
  void SendDue();
  void CollectEnded();
  void ReportWhenSecondEnded();
  void ScheduleAfterThinking(VirtualUser* user);
  int PollTimeoutMilliseconds() const;

  const LoadSettings settings_;
  const int64_t seeded_owners_;
  Clock& clock_;
  const LoadReport& report_;
  LoadMeter meter_;

  // The loop's own state, touched by its thread alone.
  std::vector<std::unique_ptr<VirtualUser>> users_;
  CurlMulti multi_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  uint32_t in_flight_ = 0;
  SteadyTime started_;
  SteadyTime second_began_;
  absl::Time next_report_;

  std::jthread thread_;
};

}  // namespace grayling
