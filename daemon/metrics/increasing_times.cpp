#include "daemon/metrics/increasing_times.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace grayling {

void MakeIncreasing(std::vector<int64_t>& times_ms, std::vector<double>& values) {
  if (std::adjacent_find(times_ms.begin(), times_ms.end(), std::greater_equal<>()) ==
      times_ms.end()) {
    return;
  }
  std::vector<size_t> order(times_ms.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return times_ms[a] < times_ms[b]; });
  std::vector<int64_t> ordered_times;
  std::vector<double> ordered_values;
  for (const size_t i : order) {
    if (!ordered_times.empty() && ordered_times.back() == times_ms[i]) {
      ordered_values.back() = values[i];
    } else {
      ordered_times.push_back(times_ms[i]);
      ordered_values.push_back(values[i]);
    }
  }
  times_ms = std::move(ordered_times);
  values = std::move(ordered_values);
}

}  // namespace grayling
