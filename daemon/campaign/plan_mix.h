#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/load/request_mix.h"

namespace grayling {

// A mix of one's own, as docs/load.md shows it. INVALID_ARGUMENT says what is wrong, with the line
// and column where a key or its value is.
absl::StatusOr<RequestMix> ParseRequestMix(absl::string_view yaml);

}  // namespace grayling
