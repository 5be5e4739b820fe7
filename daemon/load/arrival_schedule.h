#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "absl/time/time.h"
#include "daemon/load/load_generator.h"

namespace grayling {

using SteadyTime = std::chrono::steady_clock::time_point;

// A request that is due.
struct Arrival {
  SteadyTime intended;    // when it should start
  size_t user = 0;        // whose it is: a number below settings.users or most_in_flight
  bool given_up = false;  // waited longer than the time-out for a free user: is not to be sent
};

// When requests start, and by which of the numbered users. Not thread-safe.
class ArrivalSchedule {
 public:
  virtual ~ArrivalSchedule() = default;
  // When Take() will have something to give; max() when a request must end first.
  virtual SteadyTime NextDue() const = 0;
  // The next request that is due at `now` and can be sent or given up.
  virtual std::optional<Arrival> Take(SteadyTime now) = 0;
  // The request of `user` has ended.
  virtual void Ended(size_t user, SteadyTime now) = 0;
  // Since the beginning, as of the last Take(): due, and not taken at once for want of a user.
  virtual uint64_t offered() const = 0;
  virtual uint64_t late() const { return 0; }
};

// Every user thinks, has one request, and thinks again.
class ClosedLoopSchedule final : public ArrivalSchedule {
 public:
  // `think` draws the think time of a user. Users enter evenly over the ramp-up.
  ClosedLoopSchedule(const LoadSettings& settings, SteadyTime start,
                     std::function<absl::Duration(size_t)> think);

  SteadyTime NextDue() const override;
  std::optional<Arrival> Take(SteadyTime now) override;
  void Ended(size_t user, SteadyTime now) override;
  uint64_t offered() const override { return offered_; }

 private:
  struct Due {
    SteadyTime time;
    size_t user;
    bool operator>(const Due& other) const { return time > other.time; }
  };

  const std::function<absl::Duration(size_t)> think_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  uint64_t offered_ = 0;
};

// Requests arrive at settings.rate, evenly or as a Poisson process, and take the user that became
// free last (its connection is warm). One that finds no free user waits, and keeps its intended
// start; after the time-out it is given up. The instants depend on the seed alone. During the
// ramp-up the rate grows from 0: arrival n is the solution of r t^2 / 2T = n, and that of r (t -
// T/2) = n after it.
class OpenSchedule final : public ArrivalSchedule {
 public:
  OpenSchedule(const LoadSettings& settings, SteadyTime start);

  SteadyTime NextDue() const override;
  std::optional<Arrival> Take(SteadyTime now) override;
  void Ended(size_t user, SteadyTime now) override;
  uint64_t offered() const override { return offered_; }
  uint64_t late() const override { return late_; }

 private:
  void Advance();
  // Where the running sum of arrivals reaches `count`, in seconds after the start.
  double InstantOf(double count) const;

  const double rate_;
  const double ramp_up_s_;
  const bool poisson_;
  const SteadyTime::duration timeout_;
  const uint32_t most_in_flight_;
  const SteadyTime start_;
  std::mt19937_64 random_;
  std::exponential_distribution<double> gap_{1.0};
  double count_ = 0;  // of arrivals up to next_, in units of a mean gap
  SteadyTime next_;
  std::deque<SteadyTime> waiting_;
  std::vector<size_t> free_;
  uint32_t users_made_ = 0;
  uint64_t offered_ = 0;
  uint64_t late_ = 0;
};

}  // namespace grayling
