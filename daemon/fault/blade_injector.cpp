#include "daemon/fault/blade_injector.h"

#include "base/status_macros.h"
#include "daemon/fault/catalogue.h"

namespace grayling {

bool BladeInjector::Handles(const std::string& kind, const std::string& backend) const {
  const FaultKind* known = FindFaultKindOrNull(kind);
  if (known == nullptr || backend != "chaosblade") return false;
  return known->target == FaultTarget::kBlade || BladeHasToo(kind);
}

std::vector<std::string> BladeInjector::UndoCommand(const FaultOrder& order) const {
  return probe_.UndoCommand(order);
}

absl::StatusOr<FaultEffect> BladeInjector::Apply(const FaultOrder& order) {
  FaultOrder by_blade = order;
  GRAYLING_ASSIGN_OR_RETURN(by_blade.arguments, BladeCreateLine(order, blade_path_));
  return probe_.Apply(by_blade);
}

absl::StatusOr<FaultEffect> BladeInjector::Revert(const std::string& vm, const std::string& id) {
  return probe_.Revert(vm, id);
}

absl::StatusOr<std::vector<std::string>> BladeInjector::Marks(const std::string&) {
  return std::vector<std::string>();
}

}  // namespace grayling
