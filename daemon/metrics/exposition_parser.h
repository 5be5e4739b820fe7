#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace grayling {

// The two dialects differ in the unit of a timestamp only, as far as this parser is concerned.
enum class ExpositionFormat {
  kPrometheusText,  // text/plain; version=0.0.4: timestamps in integer milliseconds
  kOpenMetrics,     // application/openmetrics-text: timestamps in seconds; ends at "# EOF"
};

// One sample, as views into the page.
struct ExpositionSample {
  absl::string_view series;  // name and label block exactly as written: a key for a cache
  absl::string_view name;    // without quotes when it was a quoted UTF-8 name
  absl::string_view labels;  // between the braces, still escaped; "" without labels
  // The line began with the text that was expected, and only `series` is set of the three.
  bool expected = false;
  // The label block keeps the format's rules, so that its end does not depend on what follows it.
  bool strict = true;
  double value = 0;
  std::optional<int64_t> timestamp_ms;
  size_t line = 0;  // from 1
};

struct ExpositionError {
  size_t line = 0;
  absl::string_view text;    // the whole line
  absl::string_view reason;  // a static sentence
};

struct ExpositionSummary {
  size_t samples = 0;
  size_t malformed = 0;
  bool saw_eof = false;  // OpenMetrics' "# EOF"
};

// What the next sample line probably begins with: pages repeat from scrape to scrape. Set by
// `on_sample` to the `series` of a strict sample of an earlier page, or to "" for no guess. A right
// guess saves the look at the labels; a wrong one costs a comparison and changes nothing.
struct ExpectedSeries {
  absl::string_view text;
};

// Calls `on_sample` for every sample line of `page`, in order, and `on_error` for every line that
// is none; a bad line costs nothing but itself. HELP, TYPE, UNIT, other comments and exemplars are
// skipped, types are not checked. Follows Prometheus's exposition format 0.0.4 and OpenMetrics 1.0;
// takes also what gala-gopher prints: unescaped quotes and backslashes inside label values (the
// label block then ends at the line's last '}'), `le` on a bare name, blank lines, a missing final
// newline. gala-gopher stamps every line, so a line whose value was lost shows its stamp in the
// value's place: an unstamped integer within an hour of the stamp on the line before is reported as
// malformed. `expected` may be null. Allocates nothing. Pure, thread-safe.
ExpositionSummary ParseExposition(absl::string_view page, ExpositionFormat format,
                                  absl::FunctionRef<void(const ExpositionSample&)> on_sample,
                                  absl::FunctionRef<void(const ExpositionError&)> on_error,
                                  const ExpectedSeries* expected = nullptr);

}  // namespace grayling
