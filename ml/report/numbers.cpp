#include "ml/report/numbers.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"

namespace grayling {
namespace {

constexpr double kFirstCalendarTime = 1e8;  // in 1973

bool IsKnown(const Interval& interval) {
  return std::isfinite(interval.low) && std::isfinite(interval.high);
}

}  // namespace

std::string FixedText(double value, int digits) {
  return std::isfinite(value) ? absl::StrFormat("%.*f", digits, value) : kUndefined;
}

std::string SignedText(double value, int digits) {
  return std::isfinite(value) ? absl::StrFormat("%+.*f", digits, value) : kUndefined;
}

std::string SignificantText(double value, int digits) {
  return std::isfinite(value) ? absl::StrFormat("%.*g", digits, value) : kUndefined;
}

std::string PercentText(double share) {
  return std::isfinite(share) ? absl::StrFormat("%.1f %%", 100 * share) : kUndefined;
}

std::string DurationText(double seconds) {
  if (!std::isfinite(seconds)) return kUndefined;
  if (seconds < 120) return absl::StrFormat("%.3g s", seconds);
  if (seconds < 7200) return absl::StrFormat("%.1f min", seconds / 60);
  if (seconds < 172800) return absl::StrFormat("%.1f h", seconds / 3600);
  return absl::StrFormat("%.1f days", seconds / 86400);
}

std::string IntervalText(const Interval& interval, int digits) {
  if (!IsKnown(interval)) return "";
  return absl::StrFormat(" [%.*f, %.*f]", digits, interval.low, digits, interval.high);
}

std::string SignedIntervalText(const Interval& interval, int digits) {
  if (!IsKnown(interval)) return "";
  return absl::StrFormat(" [%+.*f, %+.*f]", digits, interval.low, digits, interval.high);
}

std::string CountText(size_t count, absl::string_view noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

bool IsCalendarTime(double unix_seconds) { return unix_seconds >= kFirstCalendarTime; }

std::string InstantText(double unix_seconds) {
  if (!std::isfinite(unix_seconds)) return kUndefined;
  if (!IsCalendarTime(unix_seconds)) return absl::StrFormat("%.10g s", unix_seconds);
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC",
                          absl::UnixEpoch() + absl::Seconds(std::floor(unix_seconds)),
                          absl::UTCTimeZone());
}

std::string SomeText(const std::vector<std::string>& names, size_t most) {
  const size_t shown = std::min(names.size(), most);
  std::string text =
      absl::StrJoin(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", ");
  if (shown < names.size()) absl::StrAppend(&text, " and ", names.size() - shown, " more");
  return text;
}

}  // namespace grayling
