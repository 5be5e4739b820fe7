#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace grayling {

// One sample of a JTL. Columns that the file lacks are empty, 0 or missing.
struct JtlRow {
  int64_t start_ms = 0;    // Unix time
  int64_t elapsed_ms = 0;  // to the last byte
  absl::string_view label;
  absl::string_view response_code;
  absl::string_view response_message;
  bool success = false;
  absl::string_view failure_message;
  uint64_t bytes = 0;                 // headers and body of the answer
  std::optional<uint32_t> all_users;  // threads that were active at the sample's end
};

}  // namespace grayling
