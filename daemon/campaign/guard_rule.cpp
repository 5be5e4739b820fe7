#include "daemon/campaign/guard_rule.h"

#include <array>
#include <cmath>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace grayling {
namespace {

// A quantity that is compared with a number: its name, which side of the number is the bad one, the
// unit that is written behind the number, and what one such unit is in the threshold's.
struct Measure {
  absl::string_view name;
  GuardQuantity quantity;
  GuardComparison comparison;
  absl::string_view unit;
  double scale;
  double largest;  // threshold, as written
};

constexpr std::array<Measure, 7> kMeasures = {{
    {"errors", GuardQuantity::kErrors, GuardComparison::kAbove, "%", 0.01, 100},
    {"p50_ms", GuardQuantity::kP50, GuardComparison::kAbove, "", 1, 3.6e6},
    {"p95_ms", GuardQuantity::kP95, GuardComparison::kAbove, "", 1, 3.6e6},
    {"p99_ms", GuardQuantity::kP99, GuardComparison::kAbove, "", 1, 3.6e6},
    {"requests_per_second", GuardQuantity::kRequestsPerSecond, GuardComparison::kBelow, "", 1, 1e6},
    {"disk_free_mib", GuardQuantity::kDiskFree, GuardComparison::kBelow, "", 1, 1e9},
    {"guest silent", GuardQuantity::kGuestSilent, GuardComparison::kAbove, "s", 1, 3600},
}};

constexpr absl::string_view kHowRulesLook =
    "a rule looks like errors > 20%, p95_ms > 500, requests_per_second < 1, disk_free_mib < 500, "
    "guest silent > 10s or health visits-service unhealthy";

absl::Status NoRule(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("'", text, "' is no guard; ", kHowRulesLook));
}

absl::string_view Sign(GuardComparison comparison) {
  return comparison == GuardComparison::kAbove ? ">" : "<";
}

absl::StatusOr<GuardRule> ParseMeasure(const Measure& measure, absl::string_view text,
                                       absl::string_view rest) {
  rest = absl::StripLeadingAsciiWhitespace(rest);
  if (!absl::ConsumePrefix(&rest, Sign(measure.comparison))) {
    return absl::InvalidArgumentError(absl::StrCat("guard '", text, "': write ", measure.name, " ",
                                                   Sign(measure.comparison), " and a number"));
  }
  rest = absl::StripAsciiWhitespace(rest);
  const bool has_unit = absl::ConsumeSuffix(&rest, measure.unit);
  double number = 0;
  if (!has_unit || !absl::SimpleAtod(absl::StripTrailingAsciiWhitespace(rest), &number)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "guard '", text, "': behind the ", Sign(measure.comparison), " stands a number",
        measure.unit.empty() ? " and nothing else" : absl::StrCat(" with ", measure.unit)));
  }
  if (!(number >= 0 && number <= measure.largest)) {
    return absl::InvalidArgumentError(absl::StrCat("guard '", text, "': the number must lie ",
                                                   "between 0 and ", measure.largest,
                                                   measure.unit));
  }
  GuardRule rule;
  rule.text = std::string(text);
  rule.quantity = measure.quantity;
  rule.comparison = measure.comparison;
  rule.threshold = number * measure.scale;
  return rule;
}

}  // namespace

absl::StatusOr<GuardRule> ParseGuardRule(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const std::vector<std::string> words = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (words.size() == 3 && words[0] == "health" && words[2] == "unhealthy") {
    GuardRule rule;
    rule.text = std::string(text);
    rule.quantity = GuardQuantity::kUnhealthy;
    rule.service = words[1];
    rule.threshold = 0.5;
    return rule;
  }
  for (const Measure& measure : kMeasures) {
    absl::string_view rest = text;
    if (absl::ConsumePrefix(&rest, measure.name)) return ParseMeasure(measure, text, rest);
  }
  return NoRule(text);
}

absl::StatusOr<GuardAction> ParseGuardAction(absl::string_view word) {
  for (const GuardAction action : {GuardAction::kAbort, GuardAction::kPause, GuardAction::kSkip}) {
    if (word == GuardActionWord(action)) return action;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("a guard's action is abort, pause or skip, not '", word, "'"));
}

std::string GuardActionWord(GuardAction action) {
  switch (action) {
    case GuardAction::kAbort:
      return "abort";
    case GuardAction::kPause:
      return "pause";
    case GuardAction::kSkip:
      return "skip";
  }
  return "";
}

std::string GuardValueText(GuardQuantity quantity, double value) {
  if (std::isnan(value)) return "nothing measured";
  switch (quantity) {
    case GuardQuantity::kErrors:
      return absl::StrFormat("%.4g %%", 100 * value);
    case GuardQuantity::kP50:
    case GuardQuantity::kP95:
    case GuardQuantity::kP99:
      return absl::StrFormat("%.4g ms", value);
    case GuardQuantity::kRequestsPerSecond:
      return absl::StrFormat("%.4g requests/s", value);
    case GuardQuantity::kDiskFree:
      return absl::StrFormat("%.6g MiB", value);
    case GuardQuantity::kGuestSilent:
      return absl::StrFormat("%.3g s", value);
    case GuardQuantity::kUnhealthy:
      return value > 0.5 ? "unhealthy" : "healthy";
  }
  return "";
}

}  // namespace grayling
