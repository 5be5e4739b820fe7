#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace grayling {

// What protects a model file from being taken for another thing, or half of itself:
//   "grayling-model/2\n", length of the payload (8 bytes, little endian), SHA-256 of the payload
//   (32 bytes), payload.
std::string SealModel(absl::string_view payload);

// The payload of a whole and undamaged file; a view into `file`. INVALID_ARGUMENT says which it is
// not: a model file, of this version, complete, undamaged.
absl::StatusOr<absl::string_view> OpenModel(absl::string_view file);

}  // namespace grayling
