#include "probe/fault/memory_leak.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "probe/fault/hot_memory.h"
#include "probe/fault/intensity.h"
#include "probe/kernel/pause.h"

namespace grayling::probe {
namespace {

constexpr std::int64_t kChunk = 64 << 10;
constexpr std::int64_t kBatch = 1 << 20;  // taken between two looks at the cgroup: under the margin
constexpr double kHotPart = 0.1;          // touched again every 50 ms
constexpr int kProofPatienceMs = 5000;
constexpr double kSlowestProvenMibPerS = 0.05;

Result<std::int64_t> ResidentBytes(pid_t pid) {
  Result<std::string> statm = ReadFile("/proc/" + std::to_string(pid) + "/statm");
  long long pages = 0;
  if (!statm.ok() || std::sscanf(statm->c_str(), "%*s %lld", &pages) != 1) {
    return Error{"the leaking process died at its start"};
  }
  return std::int64_t{pages} * sysconf(_SC_PAGESIZE);
}

}  // namespace

void LeakForEver(const std::string& cgroup, const std::atomic<double>& mib_per_s,
                 std::int64_t ceiling_bytes) {
  Result<MemoryUseReader> reader = MemoryUseReader::Open(cgroup);
  if (!reader.ok()) _exit(1);
  HotMemory memory(kChunk);
  double due = 0;  // bytes
  std::int64_t last_ns = MonotonicNs();
  while (true) {
    Result<MemoryUse> use = reader->Read();
    if (!use.ok()) _exit(1);
    const std::int64_t now_ns = MonotonicNs();
    const double per_second = mib_per_s * (1 << 20);
    // What could not be taken in time is not taken in one go later.
    due = std::min(due + per_second * static_cast<double>(now_ns - last_ns) / 1e9,
                   std::max<double>(per_second / 2, kChunk));
    last_ns = now_ns;
    const std::int64_t room = std::min(kBatch, ceiling_bytes - use->working_set);
    std::int64_t taken = 0;
    while (due >= kChunk && taken + kChunk <= room && memory.Grow()) {
      due -= kChunk;
      taken += kChunk;
    }
    if (use->unreclaimable > ceiling_bytes + kMemorySlack && memory.Shrink()) continue;
    if (due >= kChunk && taken > 0) continue;
    memory.TouchPart(kHotPart);
    PauseMs(50);
  }
}

MemoryLeak::MemoryLeak(const FaultOrder& order)
    : order_(order), children_(order.cgroup, order.id) {}

Result<ReadBack> MemoryLeak::Apply() {
  Result<std::int64_t> limit = MemoryLimit(order_.cgroup, order_.kind);
  if (!limit.ok()) return limit.error();
  Result<MemoryUseReader> reader = MemoryUseReader::Open(order_.cgroup);
  if (!reader.ok()) return reader.error();
  Result<MemoryUse> use = reader->Read();
  if (!use.ok()) return use.error();
  const double until = order_.Parameter("until_percent");
  const std::int64_t ceiling = std::min(
      static_cast<std::int64_t>(static_cast<double>(*limit) * until / 100), *limit - kMemoryMargin);
  if (use->working_set + kMemorySlack >= ceiling) {
    return Error{"the container already uses " + Mebibytes(use->working_set) + " of " +
                 Mebibytes(*limit) +
                 " MiB, so there is no room for a leak; raise until_percent or "
                 "the container's limit"};
  }
  Result<SharedMemory<std::atomic<double>>> shared = SharedMemory<std::atomic<double>>::Make();
  if (!shared.ok()) return shared.error();
  mib_per_s_ = std::move(*shared);
  static_cast<void>(SetShare(FirstShare(order_)));
  Status started =
      children_.Start([this, ceiling] { LeakForEver(order_.cgroup, *mib_per_s_, ceiling); });
  if (!started.ok()) return started.error();
  Result<double> grown = ProveGrowth();
  if (!grown.ok()) return grown.error();
  use = reader->Read();
  if (!use.ok()) return use.error();
  const double reached =
      100.0 * static_cast<double>(use->working_set) / static_cast<double>(*limit);
  char text[128];
  std::snprintf(text, sizeof text,
                "leaks %g MiB/s, %.2f MiB so far; memory at %.1f percent of %s MiB",
                mib_per_s_->load(), *grown, reached, Mebibytes(*limit).c_str());
  return ReadBack{text,
                  {{"mib_per_s", *mib_per_s_},
                   {"until_percent", until},
                   {"mib_grown", *grown},
                   {"percent_reached", reached},
                   {"limit_bytes", static_cast<double>(*limit)}}};
}

Result<double> MemoryLeak::ProveGrowth() {
  Result<std::int64_t> first = ResidentBytes(children_.pids().front());
  if (!first.ok()) return first.error();
  if (*mib_per_s_ < kSlowestProvenMibPerS) return 0.0;
  for (int waited_ms = 0; waited_ms < kProofPatienceMs; waited_ms += 10) {
    PauseMs(10);
    Result<std::int64_t> now = ResidentBytes(children_.pids().front());
    if (!now.ok()) return now.error();
    // Two chunks: the first may have been there when we looked first.
    if (*now - *first >= 2 * kChunk) return static_cast<double>(*now - *first) / (1 << 20);
  }
  return Error{"the leaking process does not grow in the container's cgroup"};
}

Status MemoryLeak::SetShare(double share) {
  *mib_per_s_ = IntensityOf(order_, share);
  return Done{};
}

}  // namespace grayling::probe
