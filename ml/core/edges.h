#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace grayling {

// The call edges (caller, callee) that columns named `caller>callee/metric` speak of, each once, in
// order of first sight.
std::vector<std::pair<std::string, std::string>> EdgesOf(absl::Span<const std::string> columns);

}  // namespace grayling
