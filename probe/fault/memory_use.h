#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "probe/kernel/files.h"
#include "probe/kernel/result.h"

namespace grayling::probe {

// What a cgroup holds, in bytes.
struct MemoryUse {
  std::int64_t current = 0;        // memory.current
  std::int64_t working_set = 0;    // without cold file pages, as `docker stats` counts
  std::int64_t unreclaimable = 0;  // without any file pages: what can lead to a kill
};
MemoryUse ParseMemoryUse(std::int64_t current, std::string_view memory_stat);

// Keeps memory.current and memory.stat open: they are read hundreds of times while filling up. Not
// thread-safe.
class MemoryUseReader {
 public:
  static Result<MemoryUseReader> Open(const std::string& cgroup);

  // An error says that the cgroup is gone.
  Result<MemoryUse> Read();

 private:
  KeptFile current_;
  KeptFile stat_;
  std::string buffer_;
};

inline constexpr std::int64_t kMemoryMargin = 2 << 20;  // kept free under every limit
inline constexpr std::int64_t kMemorySlack = 1 << 20;   // how far off a goal is left alone

// memory.max in bytes. An error when there is none, or when running out of memory would kill the
// service together with what filled it. `kind` is named in the sentence.
Result<std::int64_t> MemoryLimit(const std::string& cgroup, const std::string& kind);

// Bytes of working set to aim at. An error names the largest percent that this limit allows.
Result<std::int64_t> MemoryGoal(std::int64_t limit_bytes, double percent);

// "12.3", for people.
std::string Mebibytes(std::int64_t bytes);

}  // namespace grayling::probe
