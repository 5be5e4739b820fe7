#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace grayling {

struct FaultParameter {
  std::string name;  // with its unit: delay_ms
  std::string unit;
  double minimum = 0;
  double maximum = 0;
  double default_value = 0;
  std::string description;
};

struct FaultKind {
  std::string kind;
  std::string description;
  // The first parameter is the fault's intensity.
  std::vector<FaultParameter> parameters;
};

// All kinds that this build can inject, sorted by name.
const std::vector<FaultKind>& FaultCatalogue();

// INVALID_ARGUMENT naming the kinds that exist.
absl::StatusOr<const FaultKind*> FindFaultKind(absl::string_view kind);

// Fills defaults in. INVALID_ARGUMENT for an unknown name (with the known ones) or a value out of
// range (with the range).
absl::StatusOr<std::map<std::string, double>> CompleteParameters(
    const FaultKind& kind, const std::map<std::string, double>& given);

}  // namespace grayling
