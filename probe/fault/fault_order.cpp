#include "probe/fault/fault_order.h"

#include <charconv>
#include <cmath>

#include "base/fault_kinds.h"
#include "probe/fault/blade_line.h"

namespace grayling::probe {
namespace {

constexpr std::int64_t kLongestTtlMs = 24LL * 3600 * 1000;
constexpr std::size_t kLongestId = 128;

Status CheckTarget(FaultTarget target, const FaultOrder& order) {
  if (target == FaultTarget::kLink &&
      (order.veth.empty() || order.veth.find('/') != std::string::npos)) {
    return Error{order.kind + " needs --veth INTERFACE, the host's end of the container's link"};
  }
  if (target == FaultTarget::kCgroup && (order.cgroup.empty() || order.cgroup.front() != '/')) {
    return Error{order.kind + " needs --cgroup FOLDER, an absolute path under /sys/fs/cgroup"};
  }
  if (target == FaultTarget::kMachine && order.domain.empty()) {
    return Error{order.kind + " needs --domain NAME, the VM as libvirt calls it"};
  }
  if (order.pid < 0) return Error{"--pid must not be negative"};
  return Done{};
}

Status CheckArguments(FaultTarget target, const FaultOrder& order) {
  if (order.arguments.empty()) {
    if (target != FaultTarget::kBlade) return Done{};
    return Error{order.kind + " needs --arguments [\"blade\", \"create\", ...]"};
  }
  if (target == FaultTarget::kMachine) {
    return Error{order.kind + " acts on the VM from outside, where ChaosBlade cannot act"};
  }
  Result<BladeLine> line = ParseBladeLine(order.arguments);
  if (!line.ok()) return line.error();
  const bool has_container = order.pid > 0 && order.cgroup.size() > 1 && order.cgroup[0] == '/';
  if (line->IsInContainer() && !has_container) {
    return Error{order.kind + " by ChaosBlade needs --pid and --cgroup of the container"};
  }
  if (order.shape.IsConstant()) return Done{};
  return Error{"ChaosBlade cannot change a fault that acts; use the shape constant"};
}

template <typename Map>
typename Map::mapped_type ValueOf(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? typename Map::mapped_type() : found->second;
}

}  // namespace

double FaultOrder::Parameter(const std::string& name) const { return ValueOf(parameters, name); }

std::string FaultOrder::Option(const std::string& name) const { return ValueOf(options, name); }

std::string FaultOrder::Earlier(const std::string& name) const { return ValueOf(earlier, name); }

Status AddParameter(FaultOrder& order, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  double value = 0;
  if (equals != std::string::npos && equals > 0) {
    const char* begin = assignment.data() + equals + 1;
    const char* end = assignment.data() + assignment.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error == std::errc() && stop == end && std::isfinite(value)) {
      if (order.parameters.emplace(assignment.substr(0, equals), value).second) return Done{};
      return Error{"parameter '" + assignment.substr(0, equals) + "' is given twice"};
    }
  }
  return Error{"--param wants name=number, not '" + assignment + "'"};
}

Status AddOption(FaultOrder& order, const std::string& assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Error{"--option wants name=text, not '" + assignment + "'"};
  }
  if (order.options.emplace(assignment.substr(0, equals), assignment.substr(equals + 1)).second) {
    return Done{};
  }
  return Error{"option '" + assignment.substr(0, equals) + "' is given twice"};
}

Status SetArguments(FaultOrder& order, const std::string& json_list) {
  const nlohmann::json list = nlohmann::json::parse(json_list, nullptr, false);
  bool fine = list.is_array();
  std::vector<std::string> arguments;
  for (std::size_t i = 0; fine && i < list.size(); ++i) {
    fine = list[i].is_string();
    if (fine) arguments.push_back(list[i].get<std::string>());
  }
  if (!fine) return Error{"--arguments wants a JSON list of texts, not '" + json_list + "'"};
  order.arguments = std::move(arguments);
  return Done{};
}

Status ValidateId(const std::string& id) {
  bool fine = !id.empty() && id.size() <= kLongestId && id.front() != '.';
  for (const char c : id) {
    fine =
        fine && (std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-');
  }
  if (fine) return Done{};
  return Error{"'" + id + "' is no fault id; use 1 to 128 letters, digits, '.', '_' or '-'"};
}

Status Validate(const FaultOrder& order) {
  if (Status id = ValidateId(order.id); !id.ok()) return id;
  if (order.ttl_ms <= 0 || order.ttl_ms > kLongestTtlMs) {
    return Error{"--ttl-ms must be 1 to " + std::to_string(kLongestTtlMs) +
                 ": a fault always ends by itself"};
  }
  const FaultKind* kind = FindFaultKindOrNull(order.kind);
  if (kind == nullptr) {
    return Error{"there is no fault kind '" + order.kind + "'; 'fault kinds' lists those that are"};
  }
  if (Status target = CheckTarget(kind->target, order); !target.ok()) return target;
  if (Status line = CheckArguments(kind->target, order); !line.ok()) return line;
  const FaultParameter* intensity = kind->Intensity();
  if (intensity != nullptr && order.parameters.count(intensity->name) == 0) {
    return Error{order.kind + " needs --param " + intensity->name + "=VALUE"};
  }
  if (std::string wrong = ShapeComplaint(order.shape); !wrong.empty()) return Error{wrong};
  if (!order.shape.IsConstant() && !kind->can_change) {
    return Error{order.kind + " cannot change while it acts; use the shape constant"};
  }
  std::string wrong = FaultComplaint(*kind, order.parameters, order.options);
  if (!wrong.empty()) return Error{wrong};
  return Done{};
}

nlohmann::json ToJson(const FaultOrder& order) {
  return {{"id", order.id},
          {"kind", order.kind},
          {"ttl_ms", order.ttl_ms},
          {"veth", order.veth},
          {"cgroup", order.cgroup},
          {"pid", order.pid},
          {"container", order.container},
          {"domain", order.domain},
          {"peer_addresses", order.peer_addresses},
          {"parameters", order.parameters},
          {"options", order.options},
          {"shape", ShapeText(order.shape)},
          {"arguments", order.arguments},
          {"earlier", order.earlier}};
}

Result<FaultOrder> FaultOrderFromJson(const nlohmann::json& object) {
  FaultOrder order;
  try {
    object.at("id").get_to(order.id);
    object.at("kind").get_to(order.kind);
    object.at("ttl_ms").get_to(order.ttl_ms);
    object.at("veth").get_to(order.veth);
    object.at("cgroup").get_to(order.cgroup);
    object.at("pid").get_to(order.pid);
    object.at("parameters").get_to(order.parameters);
    // Fields that came later: a mark of an older tool must be taken back all the same.
    order.container = object.value("container", order.container);
    order.domain = object.value("domain", order.domain);
    order.peer_addresses = object.value("peer_addresses", order.peer_addresses);
    order.options = object.value("options", order.options);
    order.arguments = object.value("arguments", order.arguments);
    order.earlier = object.value("earlier", order.earlier);
    const std::string wrong = ParseShape(object.value("shape", "constant"), order.shape);
    if (!wrong.empty()) return Error{"a fault's mark is damaged: " + wrong};
  } catch (const nlohmann::json::exception& problem) {
    return Error{std::string("a fault's mark is damaged: ") + problem.what()};
  }
  return order;
}

}  // namespace grayling::probe
