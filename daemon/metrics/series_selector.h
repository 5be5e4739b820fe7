#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace re2 {
class RE2;
}

namespace grayling {

// One condition on a label. A series without the label has the value "". The metric's name is the
// label __name__. Regular expressions are RE2's and match the whole value, as Prometheus's do.
struct LabelMatcher {
  enum class Kind { kEqual, kNotEqual, kMatches, kNotMatches };
  std::string label;
  Kind kind = Kind::kEqual;
  std::string value;
};

// Which series a reader wants: all of its matchers hold. Immutable, thread-safe, cheap to copy.
class SeriesSelector {
 public:
  // Takes every series.
  SeriesSelector() = default;

  // Reads Prometheus's notation: name{a="x",b!="y",c=~"v.*",d!~"w"}, each part optional; a name
  // outside [a-zA-Z_:][a-zA-Z0-9_:]* is written {"the.name",a="x"}. "" takes every series.
  // INVALID_ARGUMENT with one sentence and the column.
  static absl::StatusOr<SeriesSelector> Parse(absl::string_view text);
  // INVALID_ARGUMENT for a regular expression that RE2 refuses.
  static absl::StatusOr<SeriesSelector> Of(std::vector<LabelMatcher> matchers);

  // `series` is a canonical text: name{a="x",b="y"}.
  bool Takes(absl::string_view series) const;
  const std::vector<LabelMatcher>& matchers() const { return matchers_; }
  // Back to Prometheus's notation.
  std::string Text() const;

 private:
  std::vector<LabelMatcher> matchers_;
  std::vector<std::shared_ptr<const re2::RE2>> expressions_;  // null for = and !=
};

}  // namespace grayling
