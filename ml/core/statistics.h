#pragma once

#include <vector>

#include "absl/types/span.h"

namespace grayling {

// Quantile of ascending values by linear interpolation between the order statistics (type 7 of
// Hyndman and Fan 1996, numpy's default); NaN when there are none.
double SortedQuantile(absl::Span<const double> ascending, double q);
double SortedQuantile(absl::Span<const float> ascending, double q);

// Nearest rank without a sort: reorders `values`, which must not be empty. O(n).
float TakeQuantile(std::vector<float>& values, double q);

// 1.4826 times the median distance from the median, which is a normal distribution's standard
// deviation. O(n). NaN when there are no values.
double MedianAbsoluteDeviation(absl::Span<const float> ascending);

// How `left` lies against `right`: Mann and Whitney's U of the left sample, ties counted half, with
// mean and variance of U when both have one distribution (variance corrected for ties).
struct RankSum {
  double u = 0;
  double pairs = 0;  // left size * right size; the mean is half of it
  double variance = 0;
};
// Both ascending. O(n + m).
RankSum CompareRanks(absl::Span<const float> left, absl::Span<const float> right);

// Compares many small samples with one large one: O(m log n) each, with CompareRanks' result.
class RankReference {
 public:
  RankReference() = default;
  // `ascending` outlives this.
  explicit RankReference(absl::Span<const float> ascending);
  RankSum Compare(absl::Span<const float> left) const;

 private:
  absl::Span<const float> values_;
  double ties_ = 0;  // sum of t^3 - t over the groups of equal values
};

// Cliff's delta (1993): P(left > right) - P(left < right) = 2 U / pairs - 1, in -1..1; NaN without
// pairs.
double CliffsDelta(const RankSum& ranks);

// Two-sided p value of the sum of (U - mean) over strata by the normal approximation with
// continuity correction: one stratum is the Mann-Whitney test, several are its stratified form. 1
// when nothing varies.
double RankSumPValue(absl::Span<const RankSum> strata);

// Benjamini and Hochberg's (1995) adjusted p values, in the order given; NaN stay NaN and are not
// counted as tests.
std::vector<double> AdjustForFalseDiscovery(absl::Span<const double> p_values);

}  // namespace grayling
