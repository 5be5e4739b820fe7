#pragma once

#include <string>
#include <string_view>

#include "probe/kernel/result.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

// The whole file; also works for files of proc and cgroup, whose size reads as zero.
Result<std::string> ReadFile(const std::string& path);

// One write(2), as cgroup.procs and oom_score_adj want it.
Status WriteOnce(const std::string& path, std::string_view content);

// Writes beside, syncs, renames over, syncs the folder: after a crash the file is old or new,
// whole.
Status ReplaceFileDurably(const std::string& path, std::string_view content);

// A kernel file that stays open and is read again from its start. One read costs one system call
// and no path walk, which is what counts under emulation. Not thread-safe.
class KeptFile {
 public:
  KeptFile() = default;
  static Result<KeptFile> Open(const std::string& path);

  // Fills `buffer` (its capacity is kept) and returns a view into it. Error ENODEV or ESRCH: what
  // the file describes is gone.
  Result<std::string_view> Read(std::string& buffer) const;
  bool valid() const { return fd_.valid(); }

 private:
  UniqueFd fd_;
};

}  // namespace grayling::probe
