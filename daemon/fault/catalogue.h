#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/fault_kinds.h"

namespace grayling {

// The catalogue (base/fault_kinds.h) with the daemon's errors.

// INVALID_ARGUMENT naming the kinds that exist.
absl::StatusOr<const FaultKind*> FindFaultKind(absl::string_view kind);

// Fills defaults in. INVALID_ARGUMENT for an unknown name (with the known ones), a number out of
// range (with the range) or a word that is no choice (with the choices).
struct FaultValues {
  FaultParameters parameters;
  FaultOptions options;
};
absl::StatusOr<FaultValues> CompleteValues(const FaultKind& kind, FaultValues given);

// Who can inject the kind: native, chaosblade.
std::vector<std::string> BackendsOf(const FaultKind& kind);

}  // namespace grayling
