#include "probe/fault/fault_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "probe/fault/container_folder.h"

namespace grayling::probe {
namespace {

constexpr char kFolder[] = "folder";

}  // namespace

FaultFile::FaultFile(const FaultOrder& order)
    : cgroup_(order.cgroup),
      pid_(order.pid),
      path_(order.Option("path")),
      our_folder_(order.Earlier(kFolder)),
      name_(kFaultFilePrefix + order.id) {}

Result<UniqueFd> FaultFile::Folder() const {
  Result<pid_t> process = ProcessOfContainer(cgroup_, pid_);
  if (!process.ok()) return process.error();
  return OpenFolderOf(*process, path_);
}

Result<std::map<std::string, std::string>> FaultFile::ReadEarlier() const {
  Result<pid_t> process = ProcessOfContainer(cgroup_, pid_);
  if (!process.ok()) return process.error();
  Result<UniqueFd> folder = OpenFolderOf(*process, path_);
  if (!folder.ok()) return folder.error();
  struct statfs about {};
  if (fstatfs(folder->get(), &about) != 0) return SystemError("cannot look at " + path_);
  if (about.f_type == TMPFS_MAGIC) {
    return Error{"the folder " + path_ +
                 " of the container is in memory (tmpfs), not on a disk; give another one with "
                 "--option path"};
  }
  Result<std::string> ours = OurPathOf(*process, *folder);
  if (!ours.ok()) return ours.error();
  return std::map<std::string, std::string>{{kFolder, *ours}};
}

Result<UniqueFd> FaultFile::Create() const {
  Result<UniqueFd> folder = Folder();
  if (!folder.ok()) return folder;
  UniqueFd file(openat(folder->get(), name_.c_str(),
                       O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError("cannot make a file in " + path_ + " of the container");
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) return SystemError("cannot lock " + name_);
  return file;
}

Result<UniqueFd> FaultFile::Open(int flags) const {
  Result<UniqueFd> folder = Folder();
  if (!folder.ok()) return folder;
  UniqueFd file(openat(folder->get(), name_.c_str(), flags | O_NOFOLLOW | O_CLOEXEC));
  if (!file.valid()) return SystemError("cannot open " + name_ + " in " + path_);
  return file;
}

Result<std::int64_t> FaultFile::FreeBytes() const {
  Result<UniqueFd> folder = Folder();
  if (!folder.ok()) return folder.error();
  struct statfs about {};
  if (fstatfs(folder->get(), &about) != 0) return SystemError("cannot look at " + path_);
  return static_cast<std::int64_t>(about.f_bavail) * about.f_frsize;
}

Status FaultFile::Remove() const {
  if (Result<UniqueFd> folder = Folder(); folder.ok()) {
    if (Status removed = RemoveFrom(*folder); !removed.ok()) return removed;
  }
  if (our_folder_.empty()) return Done{};
  Result<UniqueFd> ours = OpenOurFolder(our_folder_);
  if (ours.ok()) return RemoveFrom(*ours);
  const bool gone = ours.error().code == ENOENT || ours.error().code == ENOTDIR;
  return gone ? Status(Done{}) : Status(ours.error());
}

Status FaultFile::RemoveFrom(const UniqueFd& folder) const {
  if (unlinkat(folder.get(), name_.c_str(), 0) != 0 && errno != ENOENT) {
    return SystemError("cannot remove " + name_ + " from " + path_ + " of the container");
  }
  struct stat about {};
  if (fstatat(folder.get(), name_.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT) {
    return Done{};
  }
  return Error{name_ + " is still in " + path_ + " of the container after it was removed"};
}

}  // namespace grayling::probe
