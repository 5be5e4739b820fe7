#include "base/fault_kinds.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace grayling {
namespace {

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

template <typename Items>
std::string Joined(const Items& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

template <typename Described>
std::string Names(const std::vector<Described>& described) {
  std::vector<std::string> names;
  for (const Described& one : described) names.push_back(one.name);
  return names.empty() ? "none" : Joined(names);
}

template <typename Described>
const Described* Find(const std::vector<Described>& described, const std::string& name) {
  const auto found = std::find_if(described.begin(), described.end(),
                                  [&](const Described& one) { return one.name == name; });
  return found == described.end() ? nullptr : &*found;
}

}  // namespace

const FaultKind* FindFaultKindOrNull(std::string_view kind) {
  for (const FaultKind& known : FaultKinds()) {
    if (known.kind == kind) return &known;
  }
  return nullptr;
}

void FillDefaults(const FaultKind& kind, FaultParameters& parameters, FaultOptions& options) {
  for (const FaultParameter& parameter : kind.parameters) {
    parameters.emplace(parameter.name, parameter.default_value);
  }
  for (const FaultOption& option : kind.options) options.emplace(option.name, option.default_value);
}

std::string FaultComplaint(const FaultKind& kind, const FaultParameters& parameters,
                           const FaultOptions& options) {
  for (const auto& [name, value] : parameters) {
    const FaultParameter* parameter = Find(kind.parameters, name);
    if (parameter == nullptr) {
      return "fault kind " + kind.kind + " has no parameter '" + name + "'; it has " +
             Names(kind.parameters);
    }
    // Written so that NaN is refused too.
    if (!(value >= parameter->minimum && value <= parameter->maximum)) {
      return "parameter " + name + " of " + kind.kind + " is " + Short(value) +
             "; it must lie between " + Short(parameter->minimum) + " and " +
             Short(parameter->maximum) + " " + parameter->unit;
    }
  }
  for (const auto& [name, value] : options) {
    const FaultOption* option = Find(kind.options, name);
    if (option == nullptr) {
      return "fault kind " + kind.kind + " has no option '" + name + "'; it has " +
             Names(kind.options);
    }
    const std::vector<std::string>& choices = option->choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), value) == choices.end()) {
      return "option " + name + " of " + kind.kind + " is '" + value + "'; it must be one of " +
             Joined(choices);
    }
  }
  const auto delay = parameters.find("delay_ms");
  const auto jitter = parameters.find("jitter_ms");
  if (delay != parameters.end() && jitter != parameters.end() && jitter->second > delay->second) {
    return "jitter_ms of " + kind.kind + " is " + Short(jitter->second) +
           "; it must not be larger than delay_ms, " + Short(delay->second);
  }
  return "";
}

double IntensityAt(const FaultKind& kind, double asked, double share) {
  if (!kind.FallingHurtsMore()) return kind.harmless + (asked - kind.harmless) * share;
  return kind.harmless * std::pow(asked / kind.harmless, share);
}

}  // namespace grayling
