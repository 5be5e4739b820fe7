#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/fault_kinds.h"

namespace grayling {
namespace {

FaultOption Direction() {
  return {"direction",
          {"in", "out", "both"},
          "in",
          "packets towards the service (its host-side veth), from it (its own end), or both"};
}
FaultOption Peer() {
  return {"peer", {}, "", "only packets of this other service (its name); empty: of everybody"};
}
FaultParameter Port() {
  return {"port", "", 0, 65535, 0, "only packets of this TCP or UDP port, either side; 0: of all"};
}
FaultParameter Correlation() {
  return {"correlation_percent", "%", 0, 99, 0, "how much a packet's fate follows the last one's"};
}

FaultKind Network(std::string name, std::string description,
                  std::vector<FaultParameter> parameters) {
  FaultKind kind{"network." + name, std::move(description), FaultTarget::kLink,
                 "qdisc",           std::move(parameters),  {Direction(), Peer()}};
  kind.parameters.push_back(Port());
  return kind;
}

void AddNetworkKinds(std::vector<FaultKind>& kinds) {
  kinds.push_back(Network(
      "corrupt", "A bit of some packets is flipped; TCP sends them again.",
      {{"percent", "%", 0.1, 100, 5, "share of the packets that is damaged"}, Correlation()}));
  // The kernel caps netem's jitter at 2147 ms.
  FaultKind delay =
      Network("delay", "Each packet waits (per packet and direction, not per request).",
              {{"delay_ms", "ms", 1, 10000, 40, "mean wait of a packet"},
               {"jitter_ms", "ms", 0, 2000, 0, "spread of the wait; reorders packets when large"},
               Correlation()});
  delay.options.push_back({"distribution",
                           {"uniform", "normal", "pareto"},
                           "uniform",
                           "how the jitter is distributed"});
  kinds.push_back(std::move(delay));
  kinds.push_back(Network(
      "duplicate", "Some packets arrive twice.",
      {{"percent", "%", 0.1, 100, 10, "share of the packets that is doubled"}, Correlation()}));
  kinds.push_back(Network(
      "loss", "Packets are dropped at random.",
      {{"percent", "%", 0.1, 100, 5, "share of the packets that is dropped"}, Correlation()}));
  FaultKind partition = Network("partition", "No packet passes.", {});
  partition.is_on_or_off = true;
  kinds.push_back(std::move(partition));
  FaultKind rate = Network("rate", "The link carries less.",
                           {{"kbit_per_s", "kbit/s", 8, 1e6, 1000, "what it still carries"}});
  rate.harmless = 1e6;
  kinds.push_back(std::move(rate));
  kinds.push_back(Network("reorder", "Some packets overtake the others, which wait.",
                          {{"percent", "%", 0.1, 100, 25, "share of the packets that goes at once"},
                           {"delay_ms", "ms", 1, 1000, 10, "wait of the others"},
                           Correlation()}));
}

void AddCgroupKinds(std::vector<FaultKind>& kinds) {
  kinds.push_back(
      {"cpu.load",
       "Burners inside the service's cgroup compete with it for CPU time.",
       FaultTarget::kCgroup,
       "",
       {{"percent", "% of one core", 5, 400, 80, "CPU time that the burners ask for together"}},
       {}});
  kinds.push_back({"cpu.throttle",
                   "The service's cgroup gets a CPU quota.",
                   FaultTarget::kCgroup,
                   "cpu.max",
                   {{"percent", "% of one core", 1, 400, 20, "CPU time that the service may use"},
                    {"period_ms", "ms", 1, 1000, 100, "over which the quota is counted"}},
                   {},
                   400});
  kinds.push_back({"disk.burn",
                   "A process in the service's cgroup reads or writes its storage without cache.",
                   FaultTarget::kCgroup,
                   "",
                   {{"mib_per_s", "MiB/s", 0.1, 2000, 20, "what it moves at most"}},
                   {{"operation", {"read", "write"}, "write", "what it does"},
                    {"path", {}, "/tmp", "folder in the container"}}});
  kinds.push_back({"disk.fill",
                   "A file takes the service's free space away.",
                   FaultTarget::kCgroup,
                   "disk.fill",
                   {{"mib", "MiB", 1, 1e6, 256, "size of the file"},
                    {"keep_free_mib", "MiB", 64, 1e6, 256, "free space that is left in any case"}},
                   {{"path", {}, "/tmp", "folder in the container"}}});
  kinds.push_back({"disk.throttle",
                   "The service's cgroup may move less to and from the disk (io.max).",
                   FaultTarget::kCgroup,
                   "io.max",
                   {{"kib_per_s", "KiB/s", 16, 1e6, 512, "what it may move"}},
                   {{"operation", {"read", "write", "both"}, "both", "what is limited"}},
                   1e6});
  kinds.push_back({"memory.leak",
                   "Hot memory grows inside the service's cgroup.",
                   FaultTarget::kCgroup,
                   "memory",
                   {{"mib_per_s", "MiB/s", 0.1, 1000, 1, "how fast it grows"},
                    {"until_percent", "% of the container's memory limit", 10, 99, 95,
                     "where it stops, so that nothing is killed"}},
                   {}});
  kinds.push_back({"memory.pressure",
                   "The service's cgroup is short of memory.",
                   FaultTarget::kCgroup,
                   "memory",
                   {{"percent", "%", 10, 99, 90,
                     "allocate: of the limit, what is brought into use; limit: of the memory in "
                     "use, what is taken away"}},
                   {{"method",
                     {"allocate", "limit"},
                     "allocate",
                     "hot memory beside the service, or memory.high below what it uses"}}});
  kinds.push_back({"process.kill",
                   "A signal to the service's process; at the fault's end it runs again.",
                   FaultTarget::kCgroup,
                   "process",
                   {},
                   {{"signal", {"KILL", "TERM", "INT", "HUP", "USR1"}, "KILL", "which signal"},
                    {"process", {}, "", "name of the process; empty: the container's first one"}},
                   0,
                   false});
  kinds.push_back({"process.pause",
                   "The service's processes stand still for a part of each period.",
                   FaultTarget::kCgroup,
                   "process",
                   {{"duty_percent", "%", 1, 100, 50, "part of the time in which they stand"},
                    {"period_ms", "ms", 20, 10000, 200, "one standstill and one run"}},
                   {{"method",
                     {"freezer", "signal"},
                     "freezer",
                     "the cgroup's freezer, or SIGSTOP and SIGCONT to each process"}}});
}

void AddMachineKinds(std::vector<FaultKind>& kinds) {
  const auto machine = [&kinds](std::string name, std::string description, std::string resource,
                                std::vector<FaultParameter> parameters, double harmless,
                                std::vector<FaultOption> options = {}) {
    kinds.push_back({"vm." + name, std::move(description), FaultTarget::kMachine,
                     std::move(resource), std::move(parameters), std::move(options), harmless});
  };
  const FaultOption disk{"disk", {}, "", "one disk (vda); empty: every writable one"};
  const FaultOption nic{
      "nic", {}, "", "one network card (MAC address or QEMU's netdev id); empty: every one"};
  machine("cpu_cap", "Each virtual CPU gets less of the host's.", "vm.cpu",
          {{"percent", "% of a host CPU", 5, 100, 40, "what each virtual CPU may use"}}, 100);
  machine("disk_throttle", "The VM's disk does fewer operations.", "vm.disk",
          {{"iops", "1/s", 5, 100000, 100, "reads and writes in a second"}}, 100000, {disk});
  machine("link_down", "The cable of the VM's network card is out.", "vm.nic", {}, 0, {nic});
  machine("nic_delay", "The VM's network card gets its packets in bunches (QEMU's filter-buffer).",
          "vm.nic", {{"hold_ms", "ms", 1, 2000, 50, "longest wait of a packet"}}, 0, {nic});
  machine("nic_throttle", "The VM's network card carries less; needs a tap device.", "vm.nic",
          {{"kib_per_s", "KiB/s", 1, 1e6, 1000, "what it still carries, in each direction"}}, 1e6,
          {nic});
  machine("pause", "The VM stands still for a part of each period.", "vm.pause",
          {{"duty_percent", "%", 1, 95, 30, "part of the time in which it stands"},
           {"period_ms", "ms", 100, 10000, 1000, "one standstill and one run"}},
          0);
}

void AddBladeKinds(std::vector<FaultKind>& kinds) {
  const auto jvm = [&kinds](std::string name, std::string description,
                            std::vector<FaultParameter> parameters,
                            std::vector<FaultOption> options) {
    FaultKind kind{"jvm." + name, std::move(description), FaultTarget::kBlade,
                   "jvm",         std::move(parameters),  std::move(options)};
    kind.options.push_back({"process", {}, "java", "name of the Java process"});
    kind.can_change = false;
    kinds.push_back(std::move(kind));
  };
  const FaultOption class_name{"class", {}, "", "full name of the class; required"};
  const FaultOption method_name{"method", {}, "", "name of the method; required"};
  // Only what is hooked into calls can hit a share of them; that is blade's --effect-percent.
  const FaultParameter hit{"effect_percent", "%", 1, 100, 30, "share of the calls that is hit"};
  jvm("cpu", "Threads of the JVM burn CPU time.",
      {{"cpu_count", "cores", 1, 64, 1, "how many cores"}}, {});
  jvm("delay", "A method answers late.", {hit, {"time_ms", "ms", 1, 60000, 200, "how late"}},
      {class_name, method_name});
  jvm("exception", "A method throws.", {hit},
      {class_name,
       method_name,
       {"exception", {}, "java.lang.RuntimeException", "class of what is thrown"}});
  jvm("gc", "Full garbage collections, one after the other.",
      {{"interval_ms", "ms", 100, 60000, 1000, "between two of them"}}, {});
  kinds.back().harmless = 60000;
  jvm("oom", "The heap fills up.", {{"block_mib", "MiB", 1, 1024, 1, "size of an allocation"}},
      {{"area", {"HEAP", "NOHEAP", "OFFHEAP"}, "HEAP", "where"}});
  jvm("threads", "Threads pile up.", {{"count", "threads", 1, 10000, 100, "how many"}}, {});
  FaultKind blade{
      "blade", "Any `blade create` line, given as arguments.", FaultTarget::kBlade, "", {}, {}};
  blade.can_change = false;
  kinds.push_back(std::move(blade));
}

std::vector<FaultKind> BuildKinds() {
  std::vector<FaultKind> kinds;
  AddBladeKinds(kinds);
  AddCgroupKinds(kinds);
  AddMachineKinds(kinds);
  AddNetworkKinds(kinds);
  std::sort(kinds.begin(), kinds.end(),
            [](const FaultKind& a, const FaultKind& b) { return a.kind < b.kind; });
  return kinds;
}

}  // namespace

const std::vector<FaultKind>& FaultKinds() {
  static const std::vector<FaultKind> kinds = BuildKinds();
  return kinds;
}

}  // namespace grayling
