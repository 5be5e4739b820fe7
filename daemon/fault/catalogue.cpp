#include "daemon/fault/catalogue.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/fault/blade_command.h"

namespace grayling {

absl::StatusOr<const FaultKind*> FindFaultKind(absl::string_view kind) {
  if (const FaultKind* known = FindFaultKindOrNull(std::string_view(kind.data(), kind.size()))) {
    return known;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "there is no fault kind '", kind, "'; the kinds are ",
      absl::StrJoin(FaultKinds(), ", ",
                    [](std::string* out, const FaultKind& known) { out->append(known.kind); })));
}

absl::StatusOr<FaultValues> CompleteValues(const FaultKind& kind, FaultValues given) {
  FillDefaults(kind, given.parameters, given.options);
  const std::string wrong = FaultComplaint(kind, given.parameters, given.options);
  if (!wrong.empty()) return absl::InvalidArgumentError(wrong);
  return given;
}

std::vector<std::string> BackendsOf(const FaultKind& kind) {
  if (kind.target == FaultTarget::kBlade) return {"chaosblade"};
  if (BladeHasToo(kind.kind)) return {"native", "chaosblade"};
  return {"native"};
}

}  // namespace grayling
