#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ml/core/bootstrap.h"

namespace grayling {

// How the report writes numbers: one way for each sort of quantity. What is not a finite number is
// kUndefined. Pure.

inline constexpr char kUndefined[] = "\xE2\x80\x93";  // an en dash

std::string FixedText(double value, int digits);        // "0.97"
std::string SignedText(double value, int digits);       // "+0.97"
std::string SignificantText(double value, int digits);  // "1.234e+06"
std::string PercentText(double share);                  // of 0.123: "12.3 %"
// Seconds in the unit that suits: "45 s", "4.2 min", "3.1 h", "2.5 days".
std::string DurationText(double seconds);
// " [0.91, 1.00]"; empty where the interval is not known.
std::string IntervalText(const Interval& interval, int digits);
std::string SignedIntervalText(const Interval& interval, int digits);
// "1 run", "12 runs".
std::string CountText(size_t count, absl::string_view noun);
// "2022-08-22 03:51:00 UTC"; "120 s" where times do not count from 1970 (below 1973).
std::string InstantText(double unix_seconds);
bool IsCalendarTime(double unix_seconds);

// "a, b, c and 12 more".
std::string SomeText(const std::vector<std::string>& names, size_t most);

}  // namespace grayling
