#include "probe/fault/memory_use.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "probe/kernel/kernel_text.h"

namespace grayling::probe {

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

Result<MemoryUseReader> MemoryUseReader::Open(const std::string& cgroup) {
  Result<KeptFile> current = KeptFile::Open(cgroup + "/memory.current");
  if (!current.ok()) return current.error();
  Result<KeptFile> stat = KeptFile::Open(cgroup + "/memory.stat");
  if (!stat.ok()) return stat.error();
  MemoryUseReader reader;
  reader.current_ = std::move(*current);
  reader.stat_ = std::move(*stat);
  return reader;
}

Result<MemoryUse> MemoryUseReader::Read() {
  Result<std::string_view> text = current_.Read(buffer_);
  if (!text.ok()) return Error{"the container's cgroup is gone", text.error().code};
  std::int64_t current = 0;
  std::from_chars(text->data(), text->data() + text->size(), current);
  Result<std::string_view> stat = stat_.Read(buffer_);
  if (!stat.ok()) return Error{"the container's cgroup is gone", stat.error().code};
  return ParseMemoryUse(current, *stat);
}

Result<std::int64_t> MemoryLimit(const std::string& cgroup, const std::string& kind) {
  const std::string path = cgroup + "/memory.max";
  Result<std::string> text = ReadFile(path);
  if (!text.ok()) return text.error();
  if (text->substr(0, 3) == "max") {
    return Error{
        "the container has no memory limit; start it with one (docker run --memory) before " +
        kind + " is applied"};
  }
  Result<std::string> group = ReadFile(cgroup + "/memory.oom.group");
  if (group.ok() && group->substr(0, 1) == "1") {
    return Error{
        "memory.oom.group is set on the container's cgroup, so running out of memory would "
        "kill the service as well; clear it first"};
  }
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc()) return Error{path + " holds no number: " + text->substr(0, 20)};
  return limit;
}

Result<std::int64_t> MemoryGoal(std::int64_t limit_bytes, double percent) {
  const auto wanted = static_cast<std::int64_t>(static_cast<double>(limit_bytes) * percent / 100);
  const std::int64_t most = limit_bytes - kMemoryMargin;
  if (wanted <= most) return wanted;
  // Of a percent, rounded down.
  const std::int64_t tenths = most > 0 ? most * 1000 / limit_bytes : 0;
  if (tenths <= 0) {
    return Error{"the container's memory limit of " + Mebibytes(limit_bytes) +
                 " MiB is too small for a memory fault, which leaves " + Mebibytes(kMemoryMargin) +
                 " MiB free; raise the limit"};
  }
  char largest[32];
  std::snprintf(largest, sizeof largest, "%.1f", static_cast<double>(tenths) / 10);
  return Error{std::string("ask for at most ") + largest +
               " percent: the container has a limit of " + Mebibytes(limit_bytes) + " MiB, and " +
               Mebibytes(kMemoryMargin) + " MiB stay free so that nothing is killed"};
}

std::string Mebibytes(std::int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(bytes) / (1 << 20));
  return text;
}

}  // namespace grayling::probe
