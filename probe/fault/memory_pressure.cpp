#include "probe/fault/memory_pressure.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"

namespace grayling::probe {
namespace {

constexpr std::int64_t kMargin = 2 << 20;  // kept free under the limit
constexpr std::int64_t kSlack = 1 << 20;   // how far off the goal is left alone
constexpr std::size_t kChunk = 256 << 10;
constexpr int kHotTenths = 2;  // share of the memory touched again every 100 ms
constexpr int kStallPatienceMs = 3000;

void SleepMs(int milliseconds) {
  const timespec pause{milliseconds / 1000, (milliseconds % 1000) * 1000000L};
  nanosleep(&pause, nullptr);
}

Result<std::int64_t> ReadNumber(const std::string& path) {
  Result<std::string> text = ReadFile(path);
  if (!text.ok()) return text.error();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc()) return Error{path + " holds no number: " + text->substr(0, 20)};
  return value;
}

void Touch(char* chunk, char value) {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  for (std::size_t at = 0; at < kChunk; at += page) {
    *const_cast<volatile char*>(chunk + at) = value;
  }
}

char* MapChunk() {
  void* memory = mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  madvise(memory, kChunk, MADV_NOHUGEPAGE);  // huge pages would overshoot a small limit
  return static_cast<char*>(memory);
}

std::string Mebibytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(bytes) / (1 << 20));
  return text;
}

// Keeps memory.current and memory.stat open: they are read hundreds of times while filling up.
class UseReader {
 public:
  static Result<UseReader> Open(const std::string& cgroup) {
    Result<KeptFile> current = KeptFile::Open(cgroup + "/memory.current");
    if (!current.ok()) return current.error();
    Result<KeptFile> stat = KeptFile::Open(cgroup + "/memory.stat");
    if (!stat.ok()) return stat.error();
    UseReader reader;
    reader.current_ = std::move(*current);
    reader.stat_ = std::move(*stat);
    return reader;
  }

  Result<MemoryUse> Read() {
    Result<std::string_view> text = current_.Read(buffer_);
    if (!text.ok()) return Error{"the container's cgroup is gone", text.error().code};
    std::int64_t current = 0;
    std::from_chars(text->data(), text->data() + text->size(), current);
    Result<std::string_view> stat = stat_.Read(buffer_);
    if (!stat.ok()) return Error{"the container's cgroup is gone", stat.error().code};
    return ParseMemoryUse(current, *stat);
  }

 private:
  KeptFile current_;
  KeptFile stat_;
  std::string buffer_;
};

}  // namespace

MemoryUse ParseMemoryUse(std::int64_t current, std::string_view memory_stat) {
  const auto value = [memory_stat](std::string_view key) {
    return static_cast<std::int64_t>(FlatKeyed(memory_stat, key).value_or(0));
  };
  MemoryUse use;
  use.current = current;
  use.working_set = std::max<std::int64_t>(0, current - value("inactive_file"));
  // Shared memory is counted as file, yet without swap it cannot be dropped.
  use.unreclaimable = std::max<std::int64_t>(
      0, current - (value("file") - value("shmem")) - value("slab_reclaimable"));
  return use;
}

Result<std::int64_t> MemoryGoal(std::int64_t limit_bytes, double percent) {
  const auto wanted = static_cast<std::int64_t>(static_cast<double>(limit_bytes) * percent / 100);
  const std::int64_t most = limit_bytes - kMargin;
  if (wanted <= most) return wanted;
  // Of a percent, rounded down.
  const std::int64_t tenths = most > 0 ? most * 1000 / limit_bytes : 0;
  if (tenths <= 0) {
    return Error{"the container's memory limit of " + Mebibytes(limit_bytes) +
                 " MiB is too small for memory.pressure, which leaves " + Mebibytes(kMargin) +
                 " MiB free; raise the limit"};
  }
  char largest[32];
  std::snprintf(largest, sizeof largest, "%.1f", static_cast<double>(tenths) / 10);
  return Error{std::string("ask for at most ") + largest +
               " percent: the container has a limit of " + Mebibytes(limit_bytes) + " MiB, and " +
               Mebibytes(kMargin) + " MiB stay free so that nothing is killed"};
}

void HoldMemoryForEver(const std::string& cgroup, std::int64_t goal_bytes) {
  Result<UseReader> reader = UseReader::Open(cgroup);
  if (!reader.ok()) _exit(1);
  std::vector<char*> chunks;
  std::size_t next_hot = 0;
  while (true) {
    Result<MemoryUse> use = reader->Read();
    if (!use.ok()) _exit(1);
    if (use->working_set + static_cast<std::int64_t>(kChunk) <= goal_bytes) {
      if (char* chunk = MapChunk()) {
        Touch(chunk, 1);
        chunks.push_back(chunk);
        continue;
      }
    } else if (use->unreclaimable > goal_bytes + kSlack && !chunks.empty()) {
      munmap(chunks.back(), kChunk);
      chunks.pop_back();
      continue;
    }
    const std::size_t hot = chunks.size() * kHotTenths / 10 + 1;
    for (std::size_t i = 0; i < hot && !chunks.empty(); ++i) {
      Touch(chunks[next_hot++ % chunks.size()], 2);
    }
    SleepMs(100);
  }
}

MemoryPressure::MemoryPressure(const FaultOrder& order)
    : cgroup_(order.cgroup),
      percent_(order.Parameter("percent")),
      children_(order.cgroup, order.id) {}

Result<std::int64_t> MemoryPressure::Limit() const {
  Result<std::string> text = ReadFile(cgroup_ + "/memory.max");
  if (!text.ok()) return text.error();
  if (text->substr(0, 3) == "max") {
    return Error{
        "the container has no memory limit; start it with one (docker run --memory) "
        "before memory.pressure is applied"};
  }
  Result<std::string> group = ReadFile(cgroup_ + "/memory.oom.group");
  if (group.ok() && group->substr(0, 1) == "1") {
    return Error{
        "memory.oom.group is set on the container's cgroup, so running out of memory would "
        "kill the service as well; clear it first"};
  }
  return ReadNumber(cgroup_ + "/memory.max");
}

Result<ReadBack> MemoryPressure::Apply() {
  Result<std::int64_t> limit = Limit();
  if (!limit.ok()) return limit.error();
  Result<std::int64_t> wanted = MemoryGoal(*limit, percent_);
  if (!wanted.ok()) return wanted.error();
  const std::int64_t goal = *wanted;
  Result<UseReader> reader = UseReader::Open(cgroup_);
  if (!reader.ok()) return reader.error();
  Result<MemoryUse> use = reader->Read();
  if (!use.ok()) return use.error();
  if (use->working_set + kSlack >= goal) {
    return Error{"the container already uses " + Mebibytes(use->working_set) + " of " +
                 Mebibytes(*limit) + " MiB; ask for a larger percent"};
  }
  Status started = children_.Start([this, goal] { HoldMemoryForEver(cgroup_, goal); });
  if (!started.ok()) return started.error();
  std::int64_t highest = use->working_set;
  for (int stalled_ms = 0; use->working_set + kSlack < goal; stalled_ms += 5) {
    if (stalled_ms >= kStallPatienceMs) {
      return Error{"the container's memory stays at " + Mebibytes(use->working_set) +
                   " MiB and does not reach " + Mebibytes(goal) + " MiB"};
    }
    SleepMs(5);
    use = reader->Read();
    if (!use.ok()) return use.error();
    if (use->working_set > highest + static_cast<std::int64_t>(kChunk)) {
      highest = use->working_set;
      stalled_ms = 0;
    }
  }
  if (Status alive = children_.AllAlive(); !alive.ok()) return alive.error();
  const double reached =
      100.0 * static_cast<double>(use->working_set) / static_cast<double>(*limit);
  char text[96];
  std::snprintf(text, sizeof text, "memory %s of %s MiB (%.1f percent)",
                Mebibytes(use->working_set).c_str(), Mebibytes(*limit).c_str(), reached);
  return ReadBack{text,
                  {{"percent", reached},
                   {"memory_bytes", static_cast<double>(use->current)},
                   {"limit_bytes", static_cast<double>(*limit)}}};
}

Status MemoryPressure::SetShare(double) { return Error{"this kind cannot change yet"}; }

}  // namespace grayling::probe
