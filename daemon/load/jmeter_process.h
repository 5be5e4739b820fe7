#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grayling {

// A program that runs beside the daemon, in a process group of its own. It never outlives the
// thread that started it: the kernel kills it with that thread, so start it from one that waits for
// it. Destruction kills the group. Not thread-safe.
class JmeterProcess {
 public:
  // argv[0] is the program's path. The output of both kinds is written into the file `output`;
  // the process works in `folder`. NOT_FOUND or INTERNAL when it cannot be started.
  static absl::StatusOr<JmeterProcess> Start(const std::vector<std::string>& argv,
                                             const std::string& folder, const std::string& output);
  JmeterProcess(JmeterProcess&& other) noexcept;
  JmeterProcess& operator=(JmeterProcess&&) = delete;
  ~JmeterProcess();

  pid_t pid() const { return pid_; }
  // True when the process has ended, after at most `limit` of waiting.
  bool WaitForEnd(absl::Duration limit);
  // Its exit code, 128 + n when signal n ended it. Only after WaitForEnd() was true.
  int exit_code() const { return exit_code_; }
  // To the whole group, as long as the process runs.
  void Signal(int signal);

 private:
  JmeterProcess(pid_t pid, int watch) : pid_(pid), watch_(watch) {}

  pid_t pid_;
  int watch_;  // pidfd
  bool ended_ = false;
  int exit_code_ = 0;
};

}  // namespace grayling
