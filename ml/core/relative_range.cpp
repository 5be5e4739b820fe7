#include "ml/core/relative_range.h"

#include <numeric>

namespace grayling {

std::vector<float> TrailingRelativeRanges(absl::Span<const float> values, int window,
                                          double epsilon) {
  std::vector<float> ranges;
  const auto width = static_cast<size_t>(window);
  if (values.size() < width) return ranges;
  ranges.reserve(values.size() - width + 1);
  for (size_t end = width; end <= values.size(); ++end) {
    const auto part = values.subspan(end - width, width);
    const auto [low, high] = std::minmax_element(part.begin(), part.end());
    const double mean = std::accumulate(part.begin(), part.end(), 0.0) / window;
    ranges.push_back(static_cast<float>(RelativeRange(*low, *high, mean, epsilon)));
  }
  return ranges;
}

}  // namespace grayling
