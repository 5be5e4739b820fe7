#include "daemon/fault/catalogue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace grayling {
namespace {

constexpr auto kNameOfParameter = [](std::string* out, const FaultParameter& parameter) {
  out->append(parameter.name);
};

std::vector<FaultKind> BuildCatalogue() {
  return {
      {"cpu.load",
       "Burners inside the service's cgroup compete with it for CPU time.",
       {{"percent", "% of one core", 5, 400, 80, "CPU time that the burners ask for together"}}},
      {"memory.pressure",
       "Hot memory inside the service's cgroup pushes out the service's page cache.",
       {{"percent", "% of the container's memory limit", 10, 99, 90,
         "memory in use that the cgroup is brought up to"}}},
      {"network.delay",
       "Each packet towards the service waits (per packet and in one direction, not per request).",
       {{"delay_ms", "ms", 1, 2000, 40, "mean wait of a packet"},
        {"jitter_ms", "ms", 0, 500, 0, "spread of the wait; reorders packets when large"}}},
      {"network.loss",
       "Packets towards the service are dropped at random.",
       {{"percent", "%", 0.1, 60, 5, "share of the packets that is dropped"}}},
  };
}

}  // namespace

const std::vector<FaultKind>& FaultCatalogue() {
  static const std::vector<FaultKind> catalogue = BuildCatalogue();
  return catalogue;
}

absl::StatusOr<const FaultKind*> FindFaultKind(absl::string_view kind) {
  const std::vector<FaultKind>& catalogue = FaultCatalogue();
  for (const FaultKind& known : catalogue) {
    if (known.kind == kind) return &known;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no fault kind '", kind, "'; the kinds are ",
      absl::StrJoin(catalogue, ", ",
                    [](std::string* out, const FaultKind& known) { out->append(known.kind); })));
}

absl::StatusOr<std::map<std::string, double>> CompleteParameters(
    const FaultKind& kind, const std::map<std::string, double>& given) {
  std::map<std::string, double> complete;
  for (const FaultParameter& parameter : kind.parameters) {
    complete[parameter.name] = parameter.default_value;
  }
  for (const auto& [name, value] : given) {
    const auto parameter =
        std::find_if(kind.parameters.begin(), kind.parameters.end(),
                     [&name = name](const FaultParameter& known) { return known.name == name; });
    if (parameter == kind.parameters.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("fault kind ", kind.kind, " has no parameter '", name, "'; it has ",
                       absl::StrJoin(kind.parameters, ", ", kNameOfParameter)));
    }
    // Written so that NaN is refused too.
    if (!(value >= parameter->minimum && value <= parameter->maximum)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "parameter ", name, " of ", kind.kind, " is ", value, "; it must lie between ",
          parameter->minimum, " and ", parameter->maximum, " ", parameter->unit));
    }
    complete[name] = value;
  }
  return complete;
}

}  // namespace grayling
