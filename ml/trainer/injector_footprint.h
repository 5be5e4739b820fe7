#pragma once

#include "absl/strings/string_view.h"

namespace grayling {

// Whether a feature (its name, features.h) sees the tool that injects rather than the fault. The
// probe keeps two small processes alive during every fault, of whatever kind; the memory figures of
// an otherwise quiet guest show them to the page. A model that reads those would find our faults
// and no others. Left out: the whole node's memory and load averages.
bool ShowsInjector(absl::string_view feature);

}  // namespace grayling
