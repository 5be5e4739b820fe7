#pragma once

#include <map>
#include <string>
#include <vector>

#include "probe/containers/docker_api.h"
#include "probe/kernel/result.h"

namespace grayling::probe {

// A running container and where it shows in the host's kernel.
struct Container {
  std::string name;
  std::string id;
  std::string image;
  int pid = 0;         // of its first process, in the host's numbering
  std::string cgroup;  // /sys/fs/cgroup/...
  std::string veth;    // the host's end; empty without a network of its own
  std::string bridge;
  std::string ip;
  std::string health;
};

// Finds the running containers, sorted by name. What it learnt about one is kept while that one's
// first process lives, so that a repeated search asks Docker one question only. Not thread-safe.
class ContainerFinder {
 public:
  explicit ContainerFinder(std::string docker_socket = kDockerSocket)
      : docker_socket_(std::move(docker_socket)) {}

  Result<std::vector<Container>> Find();

 private:
  Result<Container> Describe(const ContainerSummary& summary) const;

  std::string docker_socket_;
  std::map<std::string, Container> known_;  // by id
};

// The unified cgroup folder of a process. Error when it has left, or the guest has no cgroup v2.
Result<std::string> CgroupFolder(int pid);

// One JSON array on one line, the format of `grayling-probe containers`.
std::string ContainersJson(const std::vector<Container>& containers);

}  // namespace grayling::probe
