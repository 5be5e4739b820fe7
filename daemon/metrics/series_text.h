#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/metrics/label_block.h"

namespace grayling {

// The canonical text of a series: name{a="x",b="y"}, labels sorted by name, empty ones left out, no
// braces without labels. A name outside [a-zA-Z_:][a-zA-Z0-9_:]* is written {"the.name",a="x"}.
std::string SeriesText(absl::string_view name, const std::map<std::string, std::string>& labels);

// A label's name as it stands in a series: in quotes where it is outside [a-zA-Z_][a-zA-Z0-9_]*.
void AppendLabelName(absl::string_view name, std::string& out);

// A series taken apart. `labels` are sorted by name and unescaped.
struct SeriesParts {
  std::string name;
  std::vector<Label> labels;
};

// The parts of a canonical text. INVALID_ARGUMENT when it is none.
absl::StatusOr<SeriesParts> PartsOf(absl::string_view series);

}  // namespace grayling
