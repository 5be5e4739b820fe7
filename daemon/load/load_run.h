#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/clock.h"
#include "daemon/load/arrival_schedule.h"
#include "daemon/load/load_behaviour.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/load_meter.h"
#include "daemon/load/transfer_loop.h"
#include "daemon/load/virtual_user.h"

namespace grayling {

// Told of every second of load, in the load's own thread: the instant at which the second ended,
// and its samples. Must return quickly, and must not stop the load.
using LoadReport = std::function<void(absl::Time, absl::Span<const LoadSample>)>;

// One load from its start to its end: one thread drives all users. Statistics() and Latencies() are
// thread-safe.
class LoadRun {
 public:
  // Starts at once. `clock` and `report` must outlive the run.
  LoadRun(LoadSettings settings, LoadMix mix, Clock& clock, const LoadReport& report);
  // Stops.
  ~LoadRun();

  // No new requests; returns when those in flight have ended, or have been cut off after 2 s. Not
  // to be called by two threads at a time.
  void Stop();
  LoadStatistics Statistics() const;
  LatencyHistogram Latencies() const { return meter_.Latencies(); }
  const LoadSettings& settings() const { return settings_; }

 private:
  void Loop(const std::stop_token& stop);
  void MakeSchedule();
  VirtualUser& UserAt(size_t index);
  void SendDue();
  void Send(const Arrival& arrival);
  void CollectEnded();
  void ReportWhenSecondEnded();
  uint32_t UsersNow(SteadyTime now) const;
  SteadyTime NextWake() const;

  const LoadSettings settings_;
  const LoadMix mix_;
  Clock& clock_;
  const LoadReport& report_;
  LoadMeter meter_;
  TransferLoop transfers_;

  // The loop's own state, touched by its thread alone.
  std::vector<std::unique_ptr<VirtualUser>> users_;
  std::vector<SteadyTime> intended_;  // by user, of the request in flight
  std::unique_ptr<ArrivalSchedule> schedule_;
  uint64_t offered_ = 0;  // as the meter knows them
  uint64_t late_ = 0;
  uint32_t in_flight_ = 0;
  SteadyTime started_;
  SteadyTime second_began_;
  absl::Time next_report_;

  std::jthread thread_;
};

}  // namespace grayling
