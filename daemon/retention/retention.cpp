#include "daemon/retention/retention.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr absl::Duration kBetweenRounds = absl::Hours(1);

}  // namespace

Retention::~Retention() {
  stop_.Notify();
  if (thread_.joinable()) thread_.join();
}

void Retention::Start() {
  thread_ = std::thread([this] { Loop(); });
}

absl::Status Retention::Forget() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<TimeRange> kept, pins_.Kept());
  return store_.Expire(clock_.Now() - keep_, kept);
}

void Retention::Loop() {
  absl::Time next = clock_.Now();
  while (clock_.SleepUntil(next, stop_)) {
    if (const absl::Status status = Forget(); !status.ok()) {
      spdlog::error("old samples were not forgotten: {}", std::string(status.message()));
    }
    const absl::Time now = clock_.Now();
    // A wall clock that was set back must not make the next round wait for the old time.
    next = std::clamp(next + kBetweenRounds, now, now + kBetweenRounds);
  }
}

}  // namespace grayling
