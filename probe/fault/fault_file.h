#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "probe/fault/fault_order.h"
#include "probe/kernel/result.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

inline constexpr char kFaultFilePrefix[] = ".grayl-";

// The one file that a disk fault keeps in a folder of the container (option `path`). Its name is
// made from the fault's id, so that any process finds it; where the folder lies in the guest's own
// mounts is part of the order's earlier state, so that it is found when the container is gone.
class FaultFile {
 public:
  explicit FaultFile(const FaultOrder& order);

  // For Effect::ReadEarlier(). Refuses a folder that is not on a disk.
  Result<std::map<std::string, std::string>> ReadEarlier() const;
  // Makes it, and holds a lock on it as long as the result is open: a file without one is nobody's.
  Result<UniqueFd> Create() const;
  // Opens it again with these flags of open(2).
  Result<UniqueFd> Open(int flags) const;
  // Safe to repeat; reads its absence back, in the container and in the guest's own mounts.
  Status Remove() const;
  // What the folder's file system has left for ordinary users, bytes.
  Result<std::int64_t> FreeBytes() const;

 private:
  Result<UniqueFd> Folder() const;
  Status RemoveFrom(const UniqueFd& folder) const;

  std::string cgroup_;
  int pid_;
  std::string path_;
  std::string our_folder_;
  std::string name_;
};

}  // namespace grayling::probe
