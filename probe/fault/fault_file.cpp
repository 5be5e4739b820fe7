#include "probe/fault/fault_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "probe/fault/container_folder.h"

namespace grayling::probe {
namespace {

Result<UniqueFd> FolderOf(const FaultOrder& order) {
  Result<pid_t> process = ProcessOfContainer(order.cgroup, order.pid);
  if (!process.ok()) return process.error();
  return OpenFolderOf(*process, order.Option("path"));
}

}  // namespace

Result<UniqueFd> MakeUnnamedFile(const FaultOrder& order, int flags) {
  Result<UniqueFd> folder = FolderOf(order);
  if (!folder.ok()) return folder;
  flags |= O_RDWR | O_CLOEXEC;
  UniqueFd file(openat(folder->get(), ".", flags | O_TMPFILE, 0600));
  if (file.valid()) return file;
  const std::string name = kFaultFilePrefix + order.id;
  file = UniqueFd(openat(folder->get(), name.c_str(), flags | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  if (!file.valid()) {
    return SystemError("cannot make a file in " + order.Option("path") + " of the container");
  }
  if (unlinkat(folder->get(), name.c_str(), 0) != 0) {
    return SystemError("cannot take the name from " + name + " in " + order.Option("path"));
  }
  return file;
}

Result<std::int64_t> FreeBytes(const FaultOrder& order) {
  Result<UniqueFd> folder = FolderOf(order);
  if (!folder.ok()) return folder.error();
  const std::string path = order.Option("path");
  struct statfs about {};
  if (fstatfs(folder->get(), &about) != 0) return SystemError("cannot look at " + path);
  if (about.f_type == TMPFS_MAGIC) {
    return Error{"the folder " + path +
                 " of the container is in memory (tmpfs), not on a disk; give another one with "
                 "--option path"};
  }
  return static_cast<std::int64_t>(about.f_bavail) * about.f_frsize;
}

}  // namespace grayling::probe
