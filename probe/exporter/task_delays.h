#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "probe/kernel/files.h"

namespace grayling::probe {

// Run-queue delay of a container as one counter that never falls, though the kernel keeps it per
// thread and threads come and go. Also counts the threads, without those of our own faults. Not
// thread-safe.
class TaskDelays {
 public:
  // `threads` is the text of cgroup.threads; `buffer` is scratch space.
  void Update(std::string_view threads, std::string& buffer);

  double delay_seconds() const { return static_cast<double>(delay_ns_) / 1e9; }
  int tasks() const { return tasks_; }

 private:
  struct Task {
    KeptFile schedstat;
    std::uint64_t last_delay_ns = 0;
    std::uint64_t round = 0;  // of the Update that saw it last
    bool ours = false;        // a fault's load process
  };

  static Task OpenTask(std::uint64_t thread);

  std::map<std::uint64_t, Task> known_;
  std::uint64_t delay_ns_ = 0;
  std::uint64_t round_ = 0;
  int tasks_ = 0;
};

}  // namespace grayling::probe
