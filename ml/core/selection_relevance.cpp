#include "ml/core/selection_relevance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace grayling {

double FRatio(absl::Span<const float> values, absl::Span<const int> labels) {
  // Sums around the first value: the plain ones cancel for a large mean.
  struct Group {
    double n = 0, sum = 0;
  };
  std::vector<Group> groups;
  Group total;
  double squares = 0;
  double origin = std::nan("");
  for (size_t r = 0; r < values.size(); ++r) {
    if (std::isnan(values[r])) continue;
    if (std::isnan(origin)) origin = values[r];
    const double x = values[r] - origin;
    const auto label = static_cast<size_t>(labels[r]);
    if (label >= groups.size()) groups.resize(label + 1);
    groups[label].n += 1;
    groups[label].sum += x;
    total.n += 1;
    total.sum += x;
    squares += x * x;
  }
  double classes = 0;
  double between = -total.sum * total.sum / std::max(total.n, 1.0);
  for (const Group& group : groups) {
    if (group.n == 0) continue;
    classes += 1;
    between += group.sum * group.sum / group.n;
  }
  if (classes < 2 || total.n - classes < 1) return 0;
  const double spread = squares - total.sum * total.sum / total.n;
  if (spread <= 1e-9 * (squares + 1e-30)) return 0;
  const double within = std::max(spread - between, 1e-9 * spread);
  return std::max(0.0, between / (classes - 1) / (within / (total.n - classes)));
}

double KolmogorovSmirnov(absl::Span<const float> values, absl::Span<const int> labels) {
  std::vector<std::pair<float, int>> rows;
  std::map<int, double> sizes;
  for (size_t r = 0; r < values.size(); ++r) {
    if (std::isnan(values[r])) continue;
    rows.emplace_back(values[r], labels[r]);
    sizes[labels[r]] += 1;
  }
  if (sizes.size() < 2) return 0;
  std::sort(rows.begin(), rows.end());
  const auto n = static_cast<double>(rows.size());
  std::map<int, double> below;
  double largest = 0;
  for (size_t r = 0; r < rows.size(); ++r) {
    below[rows[r].second] += 1;
    if (r + 1 < rows.size() && rows[r + 1].first == rows[r].first) continue;
    for (const auto& [label, count] : below) {
      const double size = sizes[label];
      const double others = (static_cast<double>(r + 1) - count) / (n - size);
      largest = std::max(largest, std::abs(count / size - others));
    }
  }
  return largest;
}

double AbsoluteCorrelation(absl::Span<const float> a, absl::Span<const float> b, double least) {
  double n = 0, sa = 0, sb = 0;
  for (size_t r = 0; r < a.size(); ++r) {
    if (std::isnan(a[r]) || std::isnan(b[r])) continue;
    n += 1;
    sa += a[r];
    sb += b[r];
  }
  if (n < 2) return least;
  double aa = 0, bb = 0, ab = 0;
  for (size_t r = 0; r < a.size(); ++r) {
    if (std::isnan(a[r]) || std::isnan(b[r])) continue;
    const double x = a[r] - sa / n;
    const double y = b[r] - sb / n;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  const double r = ab / std::sqrt(aa * bb);
  return std::isfinite(r) ? std::max(std::abs(r), least) : least;
}

}  // namespace grayling
