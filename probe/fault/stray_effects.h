#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace grayling::probe {

// What is left of faults that nobody keeps any more and of which no mark is left: processes that
// carry our name and whose keeper is dead, and files that carry our name and that nobody has
// locked, in the usual folders of the running containers. Removes them, and says of each what it
// was, or what it could not do. Settings of cgroups are not among it: without a mark nobody knows
// what was there before.
struct StrayReport {
  std::vector<std::string> removed;
  std::vector<std::string> problems;
};
// `folders`: where to look in each container.
StrayReport RemoveStrays(const std::vector<pid_t>& containers,
                         const std::vector<std::string>& folders);

// Those of processes, and of files in the default folders of every container that Docker knows.
StrayReport RemoveStraysOfThisMachine(const std::string& docker_socket);

}  // namespace grayling::probe
