#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace grayling {

// A series as VictoriaMetrics exports it.
struct ExportedSeries {
  std::string text;  // canonical: name{a="x"}
  std::vector<int64_t> times_ms;
  std::vector<double> values;
};

// Reads one line of /api/v1/export, replacing `series`:
//   {"metric":{"__name__":"m","a":"x"},"values":[1,null,+Inf],"timestamps":[1,2,3]}
// Values may be numbers, null, NaN, +Inf, -Inf, and the strings "Infinity" and "-Infinity" of newer
// versions: VictoriaMetrics writes what no JSON parser reads. It stores no NaN but the stale
// marker, so that null and NaN are one. DATA_LOSS for a line that is none of these. Pure.
absl::Status ReadExportedSeries(absl::string_view line, ExportedSeries& series);

}  // namespace grayling
