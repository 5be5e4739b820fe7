#include "ml/trainer/injector_footprint.h"

#include "absl/strings/match.h"

namespace grayling {

bool ShowsInjector(absl::string_view feature) {
  return absl::StrContains(feature, "(context:node_memory_") ||
         absl::StrContains(feature, "(context:node_load");
}

}  // namespace grayling
