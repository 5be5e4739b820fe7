#pragma once

#include <sys/types.h>

#include <string>

#include "absl/time/time.h"

namespace grayling {

// Keeps one `ssh -N -L SOCKET:HOST:PORT` alive: SOCKET is a Unix socket in a private folder of its
// own, so no port of this host is taken and no other user can use it. ssh never asks (BatchMode)
// and ends when it cannot forward (ExitOnForwardFailure); then it is started again, after 1 s, 2 s,
// .. at most 60 s. It ends with the thread that started it, even when that is killed. What ssh
// prints goes where this process prints. Not thread-safe.
class SshForward {
 public:
  // `host` is one that ssh accepts; `place` is HOST:PORT as seen from there; `program` is ssh.
  SshForward(std::string program, std::string host, std::string place);
  // Ends ssh and removes the folder.
  ~SshForward();
  SshForward(const SshForward&) = delete;
  SshForward& operator=(const SshForward&) = delete;

  // The socket's path; "" when the folder could not be made.
  const std::string& socket() const { return socket_; }

  // Starts ssh when it is due. Cheap, does not wait; to be called before each use.
  void Tend(absl::Time now);
  // Empty while ssh runs, else one sentence.
  const std::string& failure() const { return failure_; }

 private:
  void Start(absl::Time now);
  void Ended(absl::Time now, const std::string& how);

  const std::string program_;
  const std::string host_;
  const std::string place_;
  std::string folder_;
  std::string socket_;
  pid_t process_ = 0;
  absl::Time started_;
  absl::Time next_start_ = absl::InfinitePast();
  absl::Duration pause_;
  std::string failure_;
};

}  // namespace grayling
