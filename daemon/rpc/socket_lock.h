#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace grayling {

// Holds "<socket>.lock" for the daemon's life. gRPC itself would silently take over a socket that
// another daemon listens on.
class SocketLock {
 public:
  // FAILED_PRECONDITION when another daemon holds the socket; NOT_FOUND when its folder is missing.
  static absl::StatusOr<std::unique_ptr<SocketLock>> Acquire(const std::string& socket_path);
  ~SocketLock();
  SocketLock(const SocketLock&) = delete;
  SocketLock& operator=(const SocketLock&) = delete;

 private:
  SocketLock(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  const int fd_;
  const std::string path_;
};

}  // namespace grayling
