#include "probe/fault/blade_network_look.h"

#include <net/if.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "probe/fault/child_program.h"
#include "probe/kernel/links.h"
#include "probe/kernel/net_namespace.h"

namespace grayling::probe {
namespace {

using nlohmann::json;

constexpr int kToolTimeoutMs = 5000;
constexpr unsigned long kFirstKernelMajor = 0x8000;
constexpr double kTolerance = 0.01;
constexpr char kQueueLength[] = "blade.txqueuelen";

std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

unsigned long Major(const json& qdisc) {
  return std::strtoul(TextOf(qdisc, "handle").c_str(), nullptr, 16);
}

bool IsRoot(const json& qdisc) {
  const auto found = qdisc.find("root");
  return found != qdisc.end() && found->is_boolean() && found->get<bool>();
}

// netem's setting as tc prints it: {"delay":{"delay":0.04}}, {"loss-random":{"loss":0.05}}; 0 when
// it is not set.
double Setting(const json& netem, const char* group, const char* name) {
  const auto options = netem.find("options");
  if (options == netem.end() || !options->is_object()) return 0;
  const auto object = options->find(group);
  if (object == options->end() || !object->is_object()) return 0;
  const auto value = object->find(name);
  return value != object->end() && value->is_number() ? value->get<double>() : 0;
}

struct NetemFlag {
  const char* action;
  const char* flag;   // of the blade line
  const char* group;  // in tc's answer
  const char* name;
  double per_unit;        // tc's number for 1 of the flag's
  const char* parameter;  // of the catalogue
};

constexpr std::array<NetemFlag, 7> kNetemFlags = {{
    {"delay", "time", "delay", "delay", 1e-3, "delay_ms"},
    {"delay", "offset", "delay", "jitter", 1e-3, "jitter_ms"},
    {"loss", "percent", "loss-random", "loss", 1e-2, "percent"},
    {"corrupt", "percent", "corrupt", "corrupt", 1e-2, "percent"},
    {"duplicate", "percent", "duplicate", "duplicate", 1e-2, "percent"},
    {"reorder", "percent", "reorder", "reorder", 1e-2, "percent"},
    {"reorder", "time", "delay", "delay", 1e-3, "delay_ms"},
}};

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

}  // namespace

const json* FindRootQdisc(const json& qdiscs) {
  if (!qdiscs.is_array()) return nullptr;
  const auto found = std::find_if(qdiscs.begin(), qdiscs.end(), [](const json& qdisc) {
    return qdisc.is_object() && IsRoot(qdisc) && Major(qdisc) != 0;
  });
  return found == qdiscs.end() ? nullptr : &*found;
}

const json* FindBladeNetem(const json& qdiscs) {
  const json* root = FindRootQdisc(qdiscs);
  if (root == nullptr) return nullptr;
  if (TextOf(*root, "kind") == "netem") return Major(*root) >= kFirstKernelMajor ? root : nullptr;
  if (TextOf(*root, "kind") != "prio" || Major(*root) != 1) return nullptr;
  for (const json& qdisc : qdiscs) {
    const bool is_below = qdisc.is_object() && TextOf(qdisc, "kind") == "netem" &&
                          TextOf(qdisc, "parent").rfind("1:", 0) == 0;
    if (is_below) return &qdisc;
  }
  return nullptr;
}

BladeNetworkLook::BladeNetworkLook(const FaultOrder& order, const BladeLine& line)
    : interface_(line.Flag("interface")),
      veth_(line.IsInContainer() ? order.veth : ""),
      pid_(line.IsInContainer() ? order.pid : 0),
      line_(line),
      earlier_queue_length_(order.Earlier(kQueueLength)) {}

bool BladeNetworkLook::NamespaceIsGone() const {
  return pid_ > 0 && kill(pid_, 0) != 0 && errno == ESRCH;
}

Result<std::string> BladeNetworkLook::Run(std::vector<std::string> argv) const {
  if (pid_ > 0) {
    const std::vector<std::string> enter = {"nsenter", "-t", std::to_string(pid_), "-n", "--"};
    argv.insert(argv.begin(), enter.begin(), enter.end());
  }
  Result<ProgramRun> run = RunProgram(argv, kToolTimeoutMs);
  if (!run.ok()) return run.error();
  if (run->exit_code == 0) return std::move(run->out);
  std::string command;
  for (const std::string& word : argv) command += (command.empty() ? "" : " ") + word;
  return Error{"'" + command + "' failed: " + run->err.substr(0, run->err.find('\n'))};
}

Result<json> BladeNetworkLook::Qdiscs() const {
  Result<std::string> text = Run({"tc", "-j", "qdisc", "show", "dev", interface_});
  if (!text.ok()) return text.error();
  json qdiscs = json::parse(*text, nullptr, false);
  if (!qdiscs.is_array()) return Error{"tc printed no JSON for " + interface_};
  return qdiscs;
}

Result<std::string> BladeNetworkLook::QueueLength() const {
  Result<std::string> text = Run({"ip", "-j", "link", "show", "dev", interface_});
  if (!text.ok()) return text.error();
  const json links = json::parse(*text, nullptr, false);
  if (!links.is_array() || links.empty() || !links[0].is_object()) {
    return Error{"ip printed no JSON for " + interface_};
  }
  return std::to_string(links[0].value("txqlen", 0));
}

Status BladeNetworkLook::CheckOtherEnd() const {
  if (veth_.empty() || pid_ <= 0) return Done{};
  const int host_end = static_cast<int>(if_nametoindex(veth_.c_str()));
  if (host_end == 0) {
    return Error{"there is no interface " + veth_ + "; ask for the containers again"};
  }
  Result<NetlinkSocket> route = OpenNetlinkIn(pid_, NETLINK_ROUTE);
  if (!route.ok()) return route.error();
  Result<std::vector<Link>> links = ListLinks(*route);
  if (!links.ok()) return links.error();
  for (const Link& link : *links) {
    if (link.name == interface_ && link.peer_index == host_end) return Done{};
  }
  return Error{interface_ + " in the container is not the other end of " + veth_ +
               "; name the right interface with kind blade"};
}

Result<std::map<std::string, std::string>> BladeNetworkLook::ReadEarlier() {
  if (interface_.empty()) return Error{"the blade line names no --interface"};
  if (Status end = CheckOtherEnd(); !end.ok()) return end.error();
  Result<json> qdiscs = Qdiscs();
  if (!qdiscs.ok()) return qdiscs.error();
  if (const json* root = FindRootQdisc(*qdiscs)) {
    return Error{interface_ + " already has the root qdisc " + TextOf(*root, "kind") + " " +
                 TextOf(*root, "handle") +
                 ", which blade destroy would delete; end what set it, or use the native backend"};
  }
  Result<std::string> length = QueueLength();
  if (!length.ok()) return length.error();
  return std::map<std::string, std::string>{{kQueueLength, *length}};
}

Result<ReadBack> BladeNetworkLook::Compare(const json& netem) const {
  ReadBack seen{"netem on " + interface_ + " of the container", {}};
  for (const NetemFlag& flag : kNetemFlags) {
    if (line_.action != flag.action) continue;
    const double asked = line_.Number(flag.flag, 0);
    const double found = Setting(netem, flag.group, flag.name) / flag.per_unit;
    if (std::abs(found - asked) > kTolerance * std::abs(asked)) {
      return Error{"netem on " + interface_ + " has " + flag.name + " " + Short(found) + ", and " +
                   Short(asked) + " was asked for"};
    }
    seen.values[flag.parameter] = found;
    seen.text += std::string(", ") + flag.parameter + " " + Short(found);
  }
  return seen;
}

Result<ReadBack> BladeNetworkLook::WaitUntilThere() {
  Result<json> qdiscs = Qdiscs();
  if (!qdiscs.ok()) return qdiscs.error();
  const json* netem = FindBladeNetem(*qdiscs);
  if (netem == nullptr) return Error{"there is no netem of blade's on " + interface_};
  return Compare(*netem);
}

Status BladeNetworkLook::StillThere() {
  Result<json> qdiscs = Qdiscs();
  if (!qdiscs.ok()) return qdiscs.error();
  if (FindBladeNetem(*qdiscs) != nullptr) return Done{};
  return Error{"blade's netem on " + interface_ + " has gone before its time"};
}

Result<std::string> BladeNetworkLook::Residue() {
  if (NamespaceIsGone()) return std::string();
  Result<json> qdiscs = Qdiscs();
  if (!qdiscs.ok()) return NamespaceIsGone() ? Result<std::string>("") : qdiscs.error();
  const json* root = FindRootQdisc(*qdiscs);
  const bool is_blades =
      root != nullptr && (FindBladeNetem(*qdiscs) != nullptr ||
                          (TextOf(*root, "kind") == "prio" && Major(*root) == 1));
  if (is_blades) {
    return "the qdisc " + TextOf(*root, "kind") + " " + TextOf(*root, "handle") + " on " +
           interface_;
  }
  if (earlier_queue_length_.empty()) return std::string();
  Result<std::string> length = QueueLength();
  if (!length.ok()) return length.error();
  if (*length == earlier_queue_length_) return std::string();
  return "a transmit queue of " + *length + " packets on " + interface_ + ", earlier " +
         earlier_queue_length_;
}

Status BladeNetworkLook::CleanUp() {
  Result<json> qdiscs = Qdiscs();
  if (!qdiscs.ok()) return qdiscs.error();
  const json* root = FindRootQdisc(*qdiscs);
  const bool is_prio = root != nullptr && TextOf(*root, "kind") == "prio" && Major(*root) == 1;
  if (is_prio || FindBladeNetem(*qdiscs) != nullptr) {
    Result<std::string> deleted = Run({"tc", "qdisc", "del", "dev", interface_, "root"});
    if (!deleted.ok()) return deleted.error();
  }
  if (earlier_queue_length_.empty()) return Done{};
  Result<std::string> set =
      Run({"ip", "link", "set", "dev", interface_, "txqueuelen", earlier_queue_length_});
  if (!set.ok()) return set.error();
  return Done{};
}

}  // namespace grayling::probe
