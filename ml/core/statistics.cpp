#include "ml/core/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace grayling {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

template <typename T>
double QuantileOf(absl::Span<const T> ascending, double q) {
  if (ascending.empty()) return kUndefined;
  const double place = q * static_cast<double>(ascending.size() - 1);
  const size_t below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, ascending.size() - 1);
  const double low = static_cast<double>(ascending[below]);
  return low + (static_cast<double>(ascending[above]) - low) * (place - static_cast<double>(below));
}

double TieTerm(double equal) { return equal * equal * equal - equal; }

// Variance of U with the correction for ties.
double VarianceOfU(double m, double n, double ties) {
  const double all = m + n;
  return m * n / 12 * (all + 1 - (all > 1 ? ties / (all * (all - 1)) : 0));
}

}  // namespace

float TakeQuantile(std::vector<float>& values, double q) {
  const auto rank = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + rank, values.end());
  return values[static_cast<size_t>(rank)];
}

double SortedQuantile(absl::Span<const double> ascending, double q) {
  return QuantileOf(ascending, q);
}

double SortedQuantile(absl::Span<const float> ascending, double q) {
  return QuantileOf(ascending, q);
}

double MedianAbsoluteDeviation(absl::Span<const float> ascending) {
  if (ascending.empty()) return kUndefined;
  const double median = SortedQuantile(ascending, 0.5);
  // Distances grow to both sides of the median: a merge visits them in ascending order.
  auto right = std::lower_bound(ascending.begin(), ascending.end(), median,
                                [](float a, double b) { return static_cast<double>(a) < b; });
  auto left = right;
  const size_t size = ascending.size();
  double previous = 0, current = 0;
  for (size_t taken = 0; taken <= size / 2; ++taken) {
    previous = current;
    const bool has_left = left != ascending.begin();
    const bool has_right = right != ascending.end();
    const double to_left = has_left ? median - static_cast<double>(*(left - 1)) : 0;
    const double to_right = has_right ? static_cast<double>(*right) - median : 0;
    if (has_left && (!has_right || to_left <= to_right)) {
      current = to_left;
      --left;
    } else {
      current = to_right;
      ++right;
    }
  }
  return 1.4826 * (size % 2 == 1 ? current : (previous + current) / 2);
}

RankSum CompareRanks(absl::Span<const float> left, absl::Span<const float> right) {
  RankSum result;
  const double m = static_cast<double>(left.size());
  const double n = static_cast<double>(right.size());
  result.pairs = m * n;
  if (result.pairs == 0) return result;
  double ties = 0;  // sum of t^3 - t
  size_t i = 0, j = 0;
  while (i < left.size() || j < right.size()) {
    const float value =
        j == right.size() || (i < left.size() && left[i] < right[j]) ? left[i] : right[j];
    const size_t smaller = j;
    const size_t i_before = i;
    while (i < left.size() && left[i] == value) ++i;
    while (j < right.size() && right[j] == value) ++j;
    const double equal_left = static_cast<double>(i - i_before);
    const double equal_right = static_cast<double>(j - smaller);
    result.u += equal_left * (static_cast<double>(smaller) + 0.5 * equal_right);
    ties += TieTerm(equal_left + equal_right);
  }
  result.variance = VarianceOfU(m, n, ties);
  return result;
}

RankReference::RankReference(absl::Span<const float> ascending) : values_(ascending) {
  for (size_t i = 0; i < values_.size();) {
    size_t next = i;
    while (next < values_.size() && values_[next] == values_[i]) ++next;
    ties_ += TieTerm(static_cast<double>(next - i));
    i = next;
  }
}

RankSum RankReference::Compare(absl::Span<const float> left) const {
  RankSum result;
  const double m = static_cast<double>(left.size());
  const double n = static_cast<double>(values_.size());
  result.pairs = m * n;
  if (result.pairs == 0) return result;
  double ties = ties_;
  for (size_t i = 0; i < left.size();) {
    size_t next = i;
    while (next < left.size() && left[next] == left[i]) ++next;
    const auto [first, last] = std::equal_range(values_.begin(), values_.end(), left[i]);
    const double equal_left = static_cast<double>(next - i);
    const double equal_right = static_cast<double>(last - first);
    result.u += equal_left * (static_cast<double>(first - values_.begin()) + 0.5 * equal_right);
    ties += TieTerm(equal_left + equal_right) - TieTerm(equal_right);
    i = next;
  }
  result.variance = VarianceOfU(m, n, ties);
  return result;
}

double CliffsDelta(const RankSum& ranks) {
  return ranks.pairs > 0 ? 2 * ranks.u / ranks.pairs - 1 : kUndefined;
}

double RankSumPValue(absl::Span<const RankSum> strata) {
  double distance = 0, variance = 0;
  for (const RankSum& ranks : strata) {
    distance += ranks.u - ranks.pairs / 2;
    variance += ranks.variance;
  }
  if (!(variance > 1e-9)) return 1;
  const double z = std::max(0.0, std::abs(distance) - 0.5) / std::sqrt(variance);
  return std::erfc(z / std::sqrt(2.0));
}

std::vector<double> AdjustForFalseDiscovery(absl::Span<const double> p_values) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p_values.size(); ++i) {
    if (!std::isnan(p_values[i])) order.push_back(i);
  }
  std::sort(order.begin(), order.end(),
            [&p_values](size_t a, size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size(), kUndefined);
  double smallest = 1;
  for (size_t rank = order.size(); rank > 0; --rank) {
    const size_t at = order[rank - 1];
    smallest = std::min(
        smallest, p_values[at] * static_cast<double>(order.size()) / static_cast<double>(rank));
    adjusted[at] = smallest;
  }
  return adjusted;
}

}  // namespace grayling
