#include "ml/core/scale.h"

#include <algorithm>
#include <cmath>

#include "ml/core/statistics.h"

namespace grayling {
namespace {

constexpr float kTailShare = 0.2F;
constexpr float kConstantShare = 0.25F;
// Below 5 % of the median nothing counts as a change: stocks (heap, tables) creep by that much
// within an hour of normal load, far more than they scatter within minutes.
constexpr float kRelativeFloor = 0.05F;
constexpr float kTiny = 1e-12F;

std::vector<float> Finite(absl::Span<const float> values) {
  std::vector<float> finite;
  finite.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
               [](float value) { return std::isfinite(value); });
  return finite;
}

}  // namespace

ColumnScale FitScale(absl::Span<const float> healthy, absl::Span<const float> all) {
  std::vector<float> values = Finite(healthy);
  if (values.empty()) values = Finite(all);
  if (values.empty()) return {};

  ColumnScale fit;
  fit.median = TakeQuantile(values, 0.5);
  for (float& value : values) value = std::abs(value - fit.median);
  const float largest = *std::max_element(values.begin(), values.end());
  if (largest > kTiny + 1e-6F * std::abs(fit.median)) {
    float tail = TakeQuantile(values, 0.99);
    if (tail <= 0) tail = largest;
    const float spread = 1.4826F * TakeQuantile(values, 0.5);
    fit.scale = std::max({spread, kTailShare * tail, kRelativeFloor * std::abs(fit.median)});
  } else {
    float deviation = 0;
    for (const float value : Finite(all)) {
      deviation = std::max(deviation, std::abs(value - fit.median));
    }
    fit.scale = std::max(kConstantShare * deviation, kRelativeFloor * std::abs(fit.median));
  }
  if (!(fit.scale > kTiny) || !std::isfinite(fit.scale)) fit.scale = 1;
  return fit;
}

float Squash(float z) { return kScaledLimit * std::tanh(z / kScaledLimit); }

float Standardize(float value, const ColumnScale& scale) {
  return Squash((value - scale.median) / scale.scale);
}

}  // namespace grayling
