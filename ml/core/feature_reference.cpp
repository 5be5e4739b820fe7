#include "ml/core/feature_reference.h"

#include <algorithm>
#include <cmath>

#include "ml/core/scale.h"

namespace grayling {
namespace {

constexpr float kLineRate = 0.02F;
constexpr float kRidge = 0.1F;

}  // namespace

RollingReference::RollingReference(int window, int gap, int every)
    : values_(window), newest_(static_cast<size_t>(gap)), every_(static_cast<size_t>(every)) {}

void RollingReference::Reset() {
  values_.Reset();
  row_ = 0;
  centre_ = per_spread_ = 0;
}

float RollingReference::Step(float value) {
  const float z = Squash((value - centre_) * per_spread_);
  float& oldest = newest_[row_ % newest_.size()];
  if (row_ >= newest_.size() && (row_ - newest_.size()) % every_ == 0) {
    values_.Add(oldest);
    if (values_.count() >= kLeastReference) {
      centre_ = values_.median();
      per_spread_ = 1 / std::max(1.4826F * values_.mad(), kLeastSpread);
    }
  }
  oldest = value;
  ++row_;
  return z;
}

float LoadLine::Step(float value, float load) {
  float residual = 0;
  const float from_value = value - mean_value_;
  const float from_load = load - mean_load_;
  if (rows_ >= kLeastReference) {
    residual = from_value - covariance_ / (load_variance_ + kRidge) * from_load;
  }
  ++rows_;
  const float rate = std::max(kLineRate, 1 / static_cast<float>(rows_));
  mean_value_ += rate * from_value;
  mean_load_ += rate * from_load;
  load_variance_ = (1 - rate) * (load_variance_ + rate * from_load * from_load);
  covariance_ = (1 - rate) * (covariance_ + rate * from_load * from_value);
  return residual;
}

}  // namespace grayling
