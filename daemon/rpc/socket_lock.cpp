#include "daemon/rpc/socket_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

namespace grayling {

absl::StatusOr<std::unique_ptr<SocketLock>> SocketLock::Acquire(const std::string& socket_path) {
  const std::string path = socket_path + ".lock";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    return absl::NotFoundError(absl::StrCat("cannot create ", path, ": ", std::strerror(errno),
                                            "; make its folder, or choose another --socket"));
  }
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    close(fd);
    return absl::FailedPreconditionError(
        absl::StrCat("another graylingd listens on ", socket_path,
                     "; stop it first, or choose another --socket and --state"));
  }
  return absl::WrapUnique(new SocketLock(fd, path));
}

SocketLock::~SocketLock() {
  unlink(path_.c_str());
  close(fd_);
}

}  // namespace grayling
