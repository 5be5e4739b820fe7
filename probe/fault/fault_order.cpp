#include "probe/fault/fault_order.h"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace grayling::probe {
namespace {

constexpr std::int64_t kLongestTtlMs = 24LL * 3600 * 1000;
constexpr std::size_t kLongestId = 128;

struct Range {
  const char* name;
  double minimum;
  double maximum;
  bool required;
};

struct KindRules {
  const char* kind;
  bool on_link;  // else on the cgroup
  std::vector<Range> ranges;
};

const std::vector<KindRules>& AllRules() {
  static const std::vector<KindRules> rules = {
      {"cpu.load", false, {{"percent", 1, 6400, true}}},
      {"memory.pressure", false, {{"percent", 1, 100, true}}},
      {"network.delay", true, {{"delay_ms", 0.001, 60000, true}, {"jitter_ms", 0, 60000, false}}},
      {"network.loss", true, {{"percent", 0.0001, 100, true}}},
  };
  return rules;
}

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

Status CheckParameters(const KindRules& rules, const FaultOrder& order) {
  for (const auto& [name, value] : order.parameters) {
    const Range* range = nullptr;
    std::string known;
    for (const Range& candidate : rules.ranges) {
      if (name == candidate.name) range = &candidate;
      known += (known.empty() ? "" : ", ") + std::string(candidate.name);
    }
    if (range == nullptr) {
      return Error{order.kind + " has no parameter '" + name + "'; it has: " + known};
    }
    if (!(value >= range->minimum && value <= range->maximum)) {
      return Error{"parameter " + name + "=" + Short(value) + " of " + order.kind +
                   " is out of range; give " + Short(range->minimum) + " to " +
                   Short(range->maximum)};
    }
  }
  for (const Range& range : rules.ranges) {
    if (range.required && order.parameters.count(range.name) == 0) {
      return Error{order.kind + " needs --param " + range.name + "=VALUE"};
    }
  }
  if (order.Parameter("jitter_ms") > order.Parameter("delay_ms")) {
    return Error{"jitter_ms must not be larger than delay_ms"};
  }
  return Done{};
}

Status CheckTarget(const KindRules& rules, const FaultOrder& order) {
  if (rules.on_link && (order.veth.empty() || order.veth.find('/') != std::string::npos)) {
    return Error{order.kind + " needs --veth INTERFACE, the host's end of the container's link"};
  }
  if (!rules.on_link && (order.cgroup.empty() || order.cgroup.front() != '/')) {
    return Error{order.kind + " needs --cgroup FOLDER, an absolute path under /sys/fs/cgroup"};
  }
  if (order.pid < 0) return Error{"--pid must not be negative"};
  return Done{};
}

}  // namespace

double FaultOrder::Parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? 0 : found->second;
}

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
  std::string known;
  for (const KindRules& rules : AllRules()) {
    if (order.kind == rules.kind) {
      if (Status target = CheckTarget(rules, order); !target.ok()) return target;
      return CheckParameters(rules, order);
    }
    known += (known.empty() ? "" : ", ") + std::string(rules.kind);
  }
  return Error{"there is no fault kind '" + order.kind + "'; there are: " + known};
}

nlohmann::json ToJson(const FaultOrder& order) {
  return {{"id", order.id},
          {"kind", order.kind},
          {"ttl_ms", order.ttl_ms},
          {"veth", order.veth},
          {"cgroup", order.cgroup},
          {"pid", order.pid},
          {"parameters", order.parameters}};
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
  } catch (const nlohmann::json::exception& problem) {
    return Error{std::string("a fault's mark is damaged: ") + problem.what()};
  }
  return order;
}

}  // namespace grayling::probe
