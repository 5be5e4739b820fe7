#include "ml/core/novelty_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/core/statistics.h"

namespace grayling {
namespace {

constexpr float kLargest = 20;       // magnitude of a standardised value
constexpr float kMeanWeight = 0.3F;  // of the newest level in its mean: some three rows
constexpr float kFade = 0.97F;       // per missing row
constexpr float kDriftReach = 5;     // a stranger level pulls the reference no harder than this
constexpr float kTiny = 1e-12F;
constexpr float kRounding = 1e-6F;  // relative to the median: a column that moves less is constant

}  // namespace

ColumnScale FitNoveltyScale(absl::Span<const float> values) {
  std::vector<float> finite;
  finite.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](float value) { return std::isfinite(value); });
  if (finite.empty()) return {};
  ColumnScale fit;
  fit.median = TakeQuantile(finite, 0.5);
  for (float& value : finite) value = std::abs(value - fit.median);
  const float largest = *std::max_element(finite.begin(), finite.end());
  if (largest > kTiny + kRounding * std::abs(fit.median)) {
    fit.scale = std::max({1.4826F * TakeQuantile(finite, 0.5), TakeQuantile(finite, 0.99) / 3,
                          largest / 10, kRounding * std::abs(fit.median)});
  } else {
    fit.scale = 0.05F * std::abs(fit.median);
  }
  if (!(fit.scale > kTiny) || !std::isfinite(fit.scale)) fit.scale = 1;
  return fit;
}

NoveltyState::NoveltyState(std::vector<ColumnScale> scales, float drift_rate)
    : scales_(std::move(scales)),
      drift_rate_(drift_rate),
      columns_(scales_.size()),
      output_(Eigen::VectorXf::Zero(static_cast<Eigen::Index>(2 * scales_.size()))) {}

void NoveltyState::Reset() {
  std::fill(columns_.begin(), columns_.end(), Column());
  output_.setZero();
}

void NoveltyState::Step(absl::Span<const float> row) {
  const auto count = static_cast<Eigen::Index>(columns_.size());
  for (Eigen::Index c = 0; c < count; ++c) {
    const auto at = static_cast<size_t>(c);
    Column& column = columns_[at];
    float level = 0;
    if (std::isnan(row[at])) {
      level = kFade * column.mean;
      column.mean = level;
    } else {
      const float value = (row[at] - scales_[at].median) / scales_[at].scale;
      level = std::clamp(value, -kLargest, kLargest) - column.reference;
      column.mean = column.seen ? column.mean + kMeanWeight * (level - column.mean) : level;
      column.seen = true;
      column.reference += drift_rate_ * std::clamp(level, -kDriftReach, kDriftReach);
    }
    output_[c] = level;
    output_[count + c] = level - column.mean;
  }
}

}  // namespace grayling
