#include "probe/containers/container_finder.h"

#include <linux/netlink.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"
#include "probe/kernel/links.h"
#include "probe/kernel/net_namespace.h"

namespace grayling::probe {
namespace {

bool SharesOurNetwork(int pid) {
  struct stat ours {};
  struct stat theirs {};
  const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
  return stat("/proc/self/ns/net", &ours) == 0 && stat(path.c_str(), &theirs) == 0 &&
         ours.st_ino == theirs.st_ino;
}

// The index, in the host's namespace, of the peer of the container's eth0 (or of its first veth).
Result<int> HostPeerIndex(int pid) {
  Result<NetlinkSocket> inside = OpenNetlinkIn(pid, NETLINK_ROUTE);
  if (!inside.ok()) return inside.error();
  Result<std::vector<Link>> links = ListLinks(*inside);
  if (!links.ok()) return links.error();
  int peer = 0;
  for (const Link& link : *links) {
    if (link.peer_index == 0 || link.peer_index == link.index) continue;
    if (link.name == "eth0") return link.peer_index;
    if (peer == 0) peer = link.peer_index;
  }
  return peer;
}

std::string NameOf(const std::vector<Link>& links, int index) {
  const auto found = std::find_if(links.begin(), links.end(),
                                  [index](const Link& link) { return link.index == index; });
  return index == 0 || found == links.end() ? std::string() : found->name;
}

Status FillNetwork(Container& container) {
  if (SharesOurNetwork(container.pid)) return Done{};
  Result<int> peer = HostPeerIndex(container.pid);
  if (!peer.ok()) return peer.error();
  if (*peer == 0) return Done{};
  Result<NetlinkSocket> route = NetlinkSocket::Open(NETLINK_ROUTE);
  if (!route.ok()) return route.error();
  Result<std::vector<Link>> links = ListLinks(*route);
  if (!links.ok()) return links.error();
  for (const Link& link : *links) {
    // The index alone could be another interface's when the peer is in a third namespace.
    if (link.index != *peer || link.peer_index == 0) continue;
    container.veth = link.name;
    container.bridge = NameOf(*links, link.master_index);
  }
  return Done{};
}

}  // namespace

Result<std::string> CgroupFolder(int pid) {
  Result<std::string> text = ReadFile("/proc/" + std::to_string(pid) + "/cgroup");
  if (!text.ok()) return text.error();
  const std::optional<std::string> path = UnifiedCgroup(*text);
  if (!path) {
    return Error{"process " + std::to_string(pid) +
                 " is in no cgroup v2; start the guest with systemd.unified_cgroup_hierarchy=1"};
  }
  return "/sys/fs/cgroup" + *path;
}

Result<Container> ContainerFinder::Describe(const ContainerSummary& summary) const {
  Result<std::string> answer = DockerGet(docker_socket_, "/containers/" + summary.id + "/json");
  if (!answer.ok()) return answer.error();
  Result<ContainerState> state = ParseContainerState(*answer);
  if (!state.ok()) return state.error();
  Container container{summary.name, summary.id, summary.image, state->pid,   {},
                      {},           {},         state->ip,     state->health};
  Result<std::string> cgroup = CgroupFolder(container.pid);
  if (!cgroup.ok()) return cgroup.error();
  container.cgroup = *cgroup;
  if (Status filled = FillNetwork(container); !filled.ok()) return filled.error();
  return container;
}

Result<std::vector<Container>> ContainerFinder::Find() {
  Result<std::string> answer = DockerGet(docker_socket_, "/containers/json");
  if (!answer.ok()) return answer.error();
  Result<std::vector<ContainerSummary>> summaries = ParseContainerList(*answer);
  if (!summaries.ok()) return summaries.error();
  std::map<std::string, Container> found;
  std::optional<Error> problem;
  for (const ContainerSummary& summary : *summaries) {
    const auto known = known_.find(summary.id);
    if (known != known_.end()) {
      Result<std::string> cgroup = CgroupFolder(known->second.pid);
      if (cgroup.ok() && *cgroup == known->second.cgroup) {
        found.emplace(summary.id, known->second);
        continue;
      }
    }
    Result<Container> container = Describe(summary);
    if (container.ok()) {
      found.emplace(summary.id, std::move(*container));
    } else {
      problem = container.error();
    }
  }
  // One that stopped between the two questions is simply not running; when none can be described,
  // the cause is another one.
  if (found.empty() && problem) return *problem;
  known_ = found;
  std::vector<Container> containers;
  for (auto& [id, container] : found) containers.push_back(std::move(container));
  std::sort(containers.begin(), containers.end(),
            [](const Container& a, const Container& b) { return a.name < b.name; });
  return containers;
}

std::string ContainersJson(const std::vector<Container>& containers) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Container& container : containers) {
    list.push_back({{"name", container.name},
                    {"id", container.id},
                    {"image", container.image},
                    {"pid", container.pid},
                    {"cgroup", container.cgroup},
                    {"veth", container.veth},
                    {"bridge", container.bridge},
                    {"ip", container.ip},
                    {"health", container.health}});
  }
  return list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace grayling::probe
