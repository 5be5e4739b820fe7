#include "daemon/calibration/slo.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr std::array<absl::string_view, 5> kQuantities = {"mean", "p50", "p95", "p99", "errors"};

absl::Status Wrong(absl::string_view term) {
  return absl::InvalidArgumentError(absl::StrCat(
      "'", term,
      "' is no limit of an SLO; write for example p95<=200ms,errors<=1% with mean, p50, "
      "p95 or p99 in ms or s, and errors in %"));
}

absl::StatusOr<Slo::Limit> ParseLimit(absl::string_view term) {
  const std::vector<absl::string_view> sides = absl::StrSplit(term, "<=");
  if (sides.size() != 2) return Wrong(term);
  Slo::Limit limit;
  limit.quantity = std::string(absl::StripAsciiWhitespace(sides[0]));
  bool is_known = false;
  for (absl::string_view known : kQuantities) is_known |= limit.quantity == known;
  absl::string_view value = absl::StripAsciiWhitespace(sides[1]);
  double scale = 1;
  bool has_unit = false;
  if (limit.quantity == "errors") {
    has_unit = absl::ConsumeSuffix(&value, "%");
  } else if (absl::ConsumeSuffix(&value, "ms")) {
    has_unit = true;
  } else if (absl::ConsumeSuffix(&value, "s")) {
    has_unit = true;
    scale = 1000;
  }
  double number = 0;
  if (!is_known || !has_unit || !absl::SimpleAtod(value, &number) || !(number >= 0)) {
    return Wrong(term);
  }
  limit.limit = number * scale;
  return limit;
}

double ValueOf(const ClientStretch& stretch, const std::string& quantity) {
  if (quantity == "mean") return stretch.mean_ms;
  if (quantity == "p50") return stretch.p50_ms;
  if (quantity == "p95") return stretch.p95_ms;
  if (quantity == "p99") return stretch.p99_ms;
  return stretch.error_percent;
}

}  // namespace

absl::StatusOr<Slo> ParseSlo(absl::string_view text) {
  Slo slo;
  slo.text = std::string(text);
  for (absl::string_view term : absl::StrSplit(text, ',')) {
    GRAYLING_ASSIGN_OR_RETURN(Slo::Limit limit, ParseLimit(absl::StripAsciiWhitespace(term)));
    slo.limits.push_back(std::move(limit));
  }
  return slo;
}

std::string BrokenLimits(const Slo& slo, const ClientStretch& stretch) {
  std::string broken;
  for (const Slo::Limit& limit : slo.limits) {
    const double value = ValueOf(stretch, limit.quantity);
    if (value <= limit.limit) continue;  // nothing answered: NaN breaks a limit too
    const char* unit = limit.quantity == "errors" ? "%" : "ms";
    absl::StrAppendFormat(&broken, "%s%s is %.4g %s, above %.4g %s", broken.empty() ? "" : "; ",
                          limit.quantity, value, unit, limit.limit, unit);
  }
  return broken;
}

}  // namespace grayling
