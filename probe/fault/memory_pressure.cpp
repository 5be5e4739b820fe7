#include "probe/fault/memory_pressure.h"

#include <unistd.h>

#include <cstdio>

#include "probe/fault/hot_memory.h"
#include "probe/fault/intensity.h"
#include "probe/kernel/pause.h"

namespace grayling::probe {
namespace {

constexpr std::size_t kChunk = 256 << 10;
constexpr double kHotPart = 0.2;  // touched again every 100 ms
constexpr int kStallPatienceMs = 3000;

double PercentOf(std::int64_t bytes, std::int64_t limit) {
  return 100.0 * static_cast<double>(bytes) / static_cast<double>(limit);
}

}  // namespace

void HoldMemoryForEver(const std::string& cgroup, const std::atomic<std::int64_t>& goal_bytes) {
  Result<MemoryUseReader> reader = MemoryUseReader::Open(cgroup);
  if (!reader.ok()) _exit(1);
  HotMemory memory(kChunk);
  while (true) {
    Result<MemoryUse> use = reader->Read();
    if (!use.ok()) _exit(1);
    const std::int64_t goal = goal_bytes;
    if (use->working_set + static_cast<std::int64_t>(kChunk) <= goal) {
      if (memory.Grow()) continue;
    } else if (use->unreclaimable > goal + kMemorySlack) {
      if (memory.Shrink()) continue;
    }
    memory.TouchPart(kHotPart);
    PauseMs(100);
  }
}

MemoryPressure::MemoryPressure(const FaultOrder& order)
    : order_(order), children_(order.cgroup, order.id) {}

Result<ReadBack> MemoryPressure::Apply() {
  Result<std::int64_t> limit = MemoryLimit(order_.cgroup, order_.kind);
  if (!limit.ok()) return limit.error();
  limit_ = *limit;
  Result<std::int64_t> most = MemoryGoal(limit_, IntensityOf(order_, 1));
  if (!most.ok()) return most.error();
  Result<MemoryUseReader> reader = MemoryUseReader::Open(order_.cgroup);
  if (!reader.ok()) return reader.error();
  Result<MemoryUse> use = reader->Read();
  if (!use.ok()) return use.error();
  if (use->working_set + kMemorySlack >= *most) {
    return Error{"the container already uses " + Mebibytes(use->working_set) + " of " +
                 Mebibytes(limit_) + " MiB; ask for a larger percent"};
  }
  Result<SharedMemory<std::atomic<std::int64_t>>> shared =
      SharedMemory<std::atomic<std::int64_t>>::Make();
  if (!shared.ok()) return shared.error();
  goal_ = std::move(*shared);
  const double share = FirstShare(order_);
  if (Status set = SetShare(share); !set.ok()) return set.error();
  Status started = children_.Start([this] { HoldMemoryForEver(order_.cgroup, *goal_); });
  if (!started.ok()) return started.error();
  const std::int64_t goal = *goal_;
  // A shape may begin with less than the service uses by itself.
  const bool is_there_already = use->working_set + kMemorySlack >= goal;
  use = Fill(*reader, goal);
  if (!use.ok()) return use.error();
  if (Status alive = children_.AllAlive(); !alive.ok()) return alive.error();
  const double reached = PercentOf(use->working_set, limit_);
  char text[96];
  std::snprintf(text, sizeof text, "memory %s of %s MiB (%.1f percent)",
                Mebibytes(use->working_set).c_str(), Mebibytes(limit_).c_str(), reached);
  return ReadBack{text,
                  {{"percent", is_there_already ? IntensityOf(order_, share) : reached},
                   {"percent_reached", reached},
                   {"memory_bytes", static_cast<double>(use->current)},
                   {"limit_bytes", static_cast<double>(limit_)}}};
}

Result<MemoryUse> MemoryPressure::Fill(MemoryUseReader& reader, std::int64_t goal) {
  std::int64_t highest = 0;
  for (int stalled_ms = 0;; stalled_ms += 5) {
    Result<MemoryUse> use = reader.Read();
    if (!use.ok() || use->working_set + kMemorySlack >= goal) return use;
    if (use->working_set > highest + static_cast<std::int64_t>(kChunk)) {
      highest = use->working_set;
      stalled_ms = 0;
    }
    if (stalled_ms >= kStallPatienceMs) {
      return Error{"the container's memory stays at " + Mebibytes(use->working_set) +
                   " MiB and does not reach " + Mebibytes(goal) + " MiB"};
    }
    PauseMs(5);
  }
}

Status MemoryPressure::SetShare(double share) {
  Result<std::int64_t> goal = MemoryGoal(limit_, IntensityOf(order_, share));
  if (!goal.ok()) return goal.error();
  *goal_ = *goal;
  return Done{};
}

}  // namespace grayling::probe
