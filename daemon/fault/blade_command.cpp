#include "daemon/fault/blade_command.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

using Words = std::vector<std::string>;

constexpr absl::Duration kTimerBehindEnd = absl::Seconds(30);
constexpr double kNoLimitMibPerS = 2000;  // the most that disk.burn can be asked for

// Docker's name of the container's end of its link; the guest tool checks that it is that one.
constexpr char kContainerInterface[] = "eth0";

absl::Status CannotBecause(const FaultOrder& order, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat(order.kind, " by chaosblade: ", why, ", or use the native backend"));
}

double Parameter(const FaultOrder& order, const char* name) {
  const auto found = order.parameters.find(name);
  return found == order.parameters.end() ? 0 : found->second;
}

std::string Option(const FaultOrder& order, const char* name) {
  const auto found = order.options.find(name);
  return found == order.options.end() ? "" : found->second;
}

std::string Number(double value) { return absl::StrFormat("%.10g", value); }

std::string NumberOf(const FaultOrder& order, const char* name) {
  return Number(Parameter(order, name));
}

absl::Status CheckWhole(const FaultOrder& order, const char* name) {
  const double value = Parameter(order, name);
  if (value == std::floor(value)) return absl::OkStatus();
  return CannotBecause(order, absl::StrCat("blade takes whole numbers only, ", name, " is ",
                                           Number(value), "; round it"));
}

absl::StatusOr<Words> Network(const FaultOrder& order, const char* action, Words flags) {
  if (Option(order, "direction") != "out") {
    return CannotBecause(order, "blade acts on what leaves a service only; ask for direction=out");
  }
  const bool may_correlate = absl::string_view(action) == "reorder";
  if (!may_correlate && Parameter(order, "correlation_percent") != 0) {
    return CannotBecause(order, "blade has no correlation; leave correlation_percent at 0");
  }
  Words words = {"network", action, "--interface", kContainerInterface};
  words.insert(words.end(), flags.begin(), flags.end());
  if (!order.peer_addresses.empty()) {
    words.insert(words.end(), {"--destination-ip", absl::StrJoin(order.peer_addresses, ",")});
  }
  if (Parameter(order, "port") != 0) {
    const std::string port = NumberOf(order, "port");
    words.insert(words.end(), {"--local-port", port, "--remote-port", port});
  }
  return words;
}

absl::StatusOr<Words> Delay(const FaultOrder& order) {
  if (Option(order, "distribution") != "uniform" && Parameter(order, "jitter_ms") != 0) {
    return CannotBecause(order, "blade's jitter is uniform; ask for distribution=uniform");
  }
  return Network(order, "delay",
                 {"--time", NumberOf(order, "delay_ms"), "--offset", NumberOf(order, "jitter_ms")});
}

absl::StatusOr<Words> Reorder(const FaultOrder& order) {
  return Network(order, "reorder",
                 {"--percent", NumberOf(order, "percent"), "--correlation",
                  NumberOf(order, "correlation_percent"), "--time", NumberOf(order, "delay_ms")});
}

absl::StatusOr<Words> PacketShare(const FaultOrder& order) {
  const std::string action(absl::StripPrefix(order.kind, "network."));
  return Network(order, action.c_str(), {"--percent", NumberOf(order, "percent")});
}

absl::StatusOr<Words> CpuLoad(const FaultOrder& order) {
  const double percent = Parameter(order, "percent");
  const double cores = std::max(1.0, std::ceil(percent / 100));
  if (std::fmod(percent, cores) != 0) {
    return CannotBecause(
        order,
        absl::StrCat("blade takes whole percents of each core, ", Number(percent), " on ",
                     Number(cores), " cores is none; ask for a multiple of ", Number(cores)));
  }
  return Words{"cpu",         "fullload",   "--cpu-percent", Number(percent / cores),
               "--cpu-count", Number(cores)};
}

absl::StatusOr<Words> MemoryLoad(const FaultOrder& order) {
  if (Option(order, "method") != "allocate") {
    return CannotBecause(order, "blade can only allocate memory; ask for method=allocate");
  }
  GRAYLING_RETURN_IF_ERROR(CheckWhole(order, "percent"));
  return Words{"mem", "load", "--mode", "ram", "--mem-percent", NumberOf(order, "percent")};
}

absl::StatusOr<Words> DiskBurn(const FaultOrder& order) {
  if (Parameter(order, "mib_per_s") != kNoLimitMibPerS) {
    return CannotBecause(order, absl::StrCat("blade burns a disk without a limit; ask for "
                                             "mib_per_s=",
                                             Number(kNoLimitMibPerS)));
  }
  return Words{"disk",
               "burn",
               absl::StrCat("--", Option(order, "operation")),
               "--path",
               Option(order, "path"),
               "--size",
               "10"};
}

absl::StatusOr<Words> DiskFill(const FaultOrder& order) {
  GRAYLING_RETURN_IF_ERROR(CheckWhole(order, "mib"));
  return Words{"disk", "fill", "--path", Option(order, "path"), "--size", NumberOf(order, "mib")};
}

absl::StatusOr<Words> ProcessKill(const FaultOrder& order) {
  if (Option(order, "process").empty()) {
    return CannotBecause(order,
                         "blade cannot hit a container's first process; name another one with "
                         "process=NAME");
  }
  static constexpr std::array<std::pair<absl::string_view, int>, 5> kSignals = {
      {{"HUP", 1}, {"INT", 2}, {"KILL", 9}, {"USR1", 10}, {"TERM", 15}}};
  for (const auto& [name, number] : kSignals) {
    if (name != Option(order, "signal")) continue;
    return Words{"process",           "kill", "--process", Option(order, "process"), "--signal",
                 absl::StrCat(number)};
  }
  return CannotBecause(order, absl::StrCat("there is no signal ", Option(order, "signal")));
}

absl::StatusOr<Words> Jvm(const FaultOrder& order, Words words) {
  if (Option(order, "process").empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(order.kind, " needs the name of the Java process; say process=java"));
  }
  words.insert(words.begin(), "jvm");
  words.insert(words.end(), {"--process", Option(order, "process")});
  return words;
}

absl::StatusOr<Words> JvmMethod(const FaultOrder& order, Words words) {
  for (const char* name : {"class", "method"}) {
    if (!Option(order, name).empty()) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        order.kind, " needs a ", name,
        "; say for example class=org.example.OwnerResource method=findOwner, full names"));
  }
  words.insert(words.end(),
               {"--classname", Option(order, "class"), "--methodname", Option(order, "method"),
                "--effect-percent", NumberOf(order, "effect_percent")});
  GRAYLING_RETURN_IF_ERROR(CheckWhole(order, "effect_percent"));
  return Jvm(order, std::move(words));
}

absl::StatusOr<Words> JvmGc(const FaultOrder& order) {
  const double interval_ms = Parameter(order, "interval_ms");
  const double count = std::ceil(absl::ToDoubleMilliseconds(order.duration) / interval_ms);
  return Jvm(order, {"full-gc", "--effect-count", Number(std::max(1.0, count)), "--interval",
                     Number(interval_ms)});
}

using Maker = std::function<absl::StatusOr<Words>(const FaultOrder&)>;

const std::map<std::string, Maker, std::less<>>& Makers() {
  static const std::map<std::string, Maker, std::less<>> makers = {
      {"network.delay", Delay},
      {"network.loss", PacketShare},
      {"network.corrupt", PacketShare},
      {"network.duplicate", PacketShare},
      {"network.reorder", Reorder},
      {"cpu.load", CpuLoad},
      {"memory.pressure", MemoryLoad},
      {"disk.burn", DiskBurn},
      {"disk.fill", DiskFill},
      {"process.kill", ProcessKill},
      {"jvm.delay",
       [](const FaultOrder& order) {
         return JvmMethod(order, {"delay", "--time", NumberOf(order, "time_ms")});
       }},
      {"jvm.exception",
       [](const FaultOrder& order) {
         return JvmMethod(order, {"throwCustomException", "--exception", Option(order, "exception"),
                                  "--exception-message", "injected-by-grayling"});
       }},
      {"jvm.cpu",
       [](const FaultOrder& order) {
         return Jvm(order, {"cpufullload", "--cpu-count", NumberOf(order, "cpu_count")});
       }},
      {"jvm.gc", JvmGc},
      {"jvm.oom",
       [](const FaultOrder& order) {
         return Jvm(order, {"OutOfMemoryError", "--area", Option(order, "area"), "--block",
                            NumberOf(order, "block_mib"), "--wild-mode", "false"});
       }},
      {"jvm.threads",
       [](const FaultOrder& order) {
         return Jvm(order, {"threadfull", "--wait", "--thread-count", NumberOf(order, "count")});
       }},
  };
  return makers;
}

bool IsInContainerScope(const Words& words) {
  return !words.empty() && (words[0] == "cri" || words[0] == "docker");
}

// "--uid=7" and "--uid" are both the flag --uid.
std::string FlagName(absl::string_view word) {
  return std::string(word.substr(0, std::min(word.find('='), word.size())));
}

absl::Status CheckFirstWord(const Words& words) {
  static constexpr std::array<absl::string_view, 12> kNoTargets = {
      "blade",  "create",  "c",      "destroy", "d",   "status",
      "revoke", "prepare", "server", "query",   "k8s", "check"};
  const bool is_target =
      !words.empty() && !words[0].empty() && words[0][0] != '-' &&
      std::find(kNoTargets.begin(), kNoTargets.end(), words[0]) == kNoTargets.end();
  if (is_target) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "kind blade takes what follows `blade create`, for example cri network delay ...; it cannot "
      "begin with '",
      words.empty() ? "" : words[0], "'"));
}

absl::Status CheckFlags(const FaultOrder& order, const Words& words) {
  static constexpr std::array<absl::string_view, 9> kOurs = {
      "--uid", "--timeout", "--async", "-a", "--endpoint", "-e", "--nohup", "-n", "-h"};
  static constexpr std::array<absl::string_view, 3> kSelectors = {
      "--container-name", "--container-label-selector", "--kubeconfig"};
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string flag = FlagName(words[i]);
    if (std::find(kOurs.begin(), kOurs.end(), flag) != kOurs.end() || flag == "destroy") {
      return absl::InvalidArgumentError(
          absl::StrCat("leave ", flag,
                       " out of the blade line: the experiment's id, its time and its end are "
                       "the fault's own"));
    }
    if (std::find(kSelectors.begin(), kSelectors.end(), flag) != kSelectors.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("leave ", flag, " out of the blade line: the fault's service says which ",
                       "container it is"));
    }
    if (flag != "--container-id") continue;
    const std::string id = flag.size() < words[i].size() ? words[i].substr(flag.size() + 1)
                           : i + 1 < words.size()        ? words[i + 1]
                                                         : "";
    if (id.empty() || !absl::StartsWith(order.service.container_id, id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--container-id ", id, " is not the container ", "of ", order.service.name,
                       ", ", order.service.container_id, "; leave it out"));
    }
  }
  return absl::OkStatus();
}

bool NamesContainer(const Words& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return FlagName(word) == "--container-id"; });
}

}  // namespace

bool BladeHasToo(absl::string_view kind) {
  return !absl::StartsWith(kind, "jvm.") &&
         Makers().count(std::string_view(kind.data(), kind.size())) > 0;
}

std::string BladeUid(absl::string_view fault_id) {
  uint64_t hash = 14695981039346656037U;
  for (const char c : fault_id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return absl::StrFormat("%016x", hash);
}

absl::StatusOr<std::vector<std::string>> BladeCreateLine(const FaultOrder& order,
                                                         const std::string& program) {
  Words words;
  if (order.kind == "blade") {
    words = order.arguments;
    GRAYLING_RETURN_IF_ERROR(CheckFirstWord(words));
    GRAYLING_RETURN_IF_ERROR(CheckFlags(order, words));
  } else {
    const auto maker = Makers().find(order.kind);
    if (maker == Makers().end()) return CannotBecause(order, "blade does not have it");
    GRAYLING_ASSIGN_OR_RETURN(words, maker->second(order));
    words.insert(words.begin(), "cri");
  }
  if (IsInContainerScope(words) && !NamesContainer(words)) {
    if (order.service.container_id.empty()) {
      return absl::FailedPreconditionError(
          absl::StrCat("service ", order.service.name, " has no container that blade could hit"));
    }
    words.insert(words.end(), {"--container-id", order.service.container_id});
  }
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(order.duration, absl::Seconds(1)));
  words.insert(words.end(),
               {"--timeout", absl::StrCat(seconds + absl::ToInt64Seconds(kTimerBehindEnd)), "--uid",
                BladeUid(order.id)});
  words.insert(words.begin(), {program, "create"});
  return words;
}

}  // namespace grayling
