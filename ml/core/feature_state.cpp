#include "ml/core/feature_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ml/core/scale.h"

namespace grayling {
namespace {

constexpr float kFastRate = 0.4F;
constexpr float kMediumRate = 0.1F;
constexpr float kSlowRate = 0.02F;
constexpr float kShortSpreadRate = 0.25F;
constexpr float kSpreadFloor = 0.1F;
constexpr float kBeyond = 3;
constexpr float kForgetChange = 0.939413F;  // exp(-1 / 16)
constexpr int kPeakRows = 5;
constexpr int kSlopeRows = 8;
constexpr int kHoldRows = 5;
constexpr float kLeastVariance = 1e-6F;

}  // namespace

void FeatureNeeds::Add(FeatureKind kind) {
  robust_z = robust_z || kind == FeatureKind::kRobustZ || kind == FeatureKind::kSinceChange;
  long_z = long_z || kind == FeatureKind::kLongZ;
  load = load || kind == FeatureKind::kPerLoad || kind == FeatureKind::kResidual;
  lagged = lagged || kind == FeatureKind::kLagged;
}

void FeatureNeeds::Add(const FeatureNeeds& other) {
  robust_z = robust_z || other.robust_z;
  long_z = long_z || other.long_z;
  load = load || other.load;
  lagged = lagged || other.lagged;
}

void SignalState::Deviation::Reset() {
  if (reference) reference->Reset();
  z = smooth = 0;
}

void SignalState::Deviation::Step(float u, bool missing, bool held) {
  if (!reference) return;
  if (!missing) {
    z = reference->Step(u);
  } else if (!held) {
    z = 0;
  }
  smooth += kFastRate * (z - smooth);
}

SignalState::SignalState(const FeatureNeeds& needs, float centre) : needs_(needs), centre_(centre) {
  if (needs.robust_z) robust_.reference.emplace(30, 5, 1);
  if (needs.long_z) long_.reference.emplace(30, 30, 4);
}

void SignalState::Reset() {
  SignalState fresh({}, centre_);
  fresh.needs_ = needs_;
  fresh.robust_ = std::move(robust_);
  fresh.long_ = std::move(long_);
  fresh.robust_.Reset();
  fresh.long_.Reset();
  *this = std::move(fresh);
}

// A gap repeats the last value for a while, then counts as the median.
void SignalState::Hold(float& x, float& u) {
  missing_ = std::isnan(x);
  gap_ = missing_ ? std::min(gap_ + 1, kHoldRows + 1) : 0;
  if (!missing_) {
    last_x_ = x;
    last_u_ = u;
  } else {
    const bool held = started_ && gap_ <= kHoldRows;
    x = held ? last_x_ : 0;
    u = held ? last_u_ : 0;
  }
}

void SignalState::Step(float x, float u, const OfferedLoad& load) {
  Hold(x, u);
  if (!started_ && !missing_) {
    started_ = true;
    fast_ = medium_ = slow_ = x;
  } else {
    if (started_) StepSpread(std::min(std::abs(u - u_), kScaledLimit));
    fast_ += kFastRate * (x - fast_);
    medium_ += kMediumRate * (x - medium_);
    slow_ += kSlowRate * (x - slow_);
  }
  x_ = x;
  u_ = u;
  if (started_) known_ = std::min(known_ + 1, kRows);
  recent_x_[row_ % kRows] = x;
  recent_u_[row_ % kRows] = u;
  recent_load_[row_ % kRows] = std::isnan(load.x) ? 0 : load.x;
  ++row_;
  const bool held = gap_ <= kHoldRows;
  robust_.Step(u, missing_, held);
  long_.Step(u, missing_, held);
  since_change_ = std::abs(robust_.z) > kBeyond ? 1 : since_change_ * kForgetChange;
  if (needs_.load) StepLoad(load);
}

// The first rows are averaged plainly: an average that starts at zero would call them quiet.
void SignalState::StepSpread(float step) {
  spread_rows_ = std::min(spread_rows_ + 1, 1000);
  const float plain = 1 / static_cast<float>(spread_rows_);
  short_spread_ += std::max(kShortSpreadRate, plain) * (step - short_spread_);
  long_spread_ += std::max(kSlowRate, plain) * (step - long_spread_);
}

void SignalState::StepLoad(const OfferedLoad& load) {
  if (missing_ || std::isnan(load.x)) return;
  residual_ = line_.Step(x_, load.x);
  const float ratio = std::log((std::abs(centre_ + u_) + 1) / (std::abs(load.centre + load.u) + 1));
  if (!per_load_started_) {
    per_load_started_ = true;
    per_load_fast_ = per_load_slow_ = ratio;
  }
  per_load_fast_ += kFastRate * (ratio - per_load_fast_);
  per_load_slow_ += kSlowRate * (ratio - per_load_slow_);
}

float SignalState::Peak() const {
  float peak = 0;
  for (int age = kPeakRows - 1; age >= 0; --age) {
    const float x = Recent(recent_x_, age);
    if (std::abs(x) > std::abs(peak)) peak = x;
  }
  return peak;
}

float SignalState::Slope() const {
  const int n = Known(kSlopeRows);
  if (n < 2) return 0;
  const float middle = static_cast<float>(n - 1) / 2;
  float product = 0;
  float squares = 0;
  for (int age = 0; age < n; ++age) {
    const float from_middle = middle - static_cast<float>(age);
    product += from_middle * Recent(recent_x_, age);
    squares += from_middle * from_middle;
  }
  return product / squares * static_cast<float>(n - 1);
}

float SignalState::HalfRatio() const {
  if (known_ < kRows) return 0;
  float newer = 0;
  float older = 0;
  for (int age = 0; age < kRows / 2; ++age) {
    newer += Recent(recent_u_, age);
    older += Recent(recent_u_, age + kRows / 2);
  }
  newer /= kRows / 2;
  older /= kRows / 2;
  return (newer - older) / std::max({std::abs(centre_ + older), std::abs(centre_ + newer), 1.0F});
}

float SignalState::Tail() const {
  int beyond = 0;
  for (int age = 0; age < Known(kRows); ++age) {
    if (std::abs(Recent(recent_x_, age)) > kBeyond) ++beyond;
  }
  return static_cast<float>(beyond) / kRows;
}

float SignalState::Lagged() const {
  if (known_ < kRows) return 0;
  constexpr int kPairs = kRows - 1;
  float x = 0, l = 0, xx = 0, ll = 0, xl = 0;
  for (int age = 0; age < kPairs; ++age) {
    const float a = Recent(recent_x_, age);
    const float b = Recent(recent_load_, age + 1);
    x += a;
    l += b;
    xx += a * a;
    ll += b * b;
    xl += a * b;
  }
  const float x_variance = xx - x * x / kPairs;
  const float l_variance = ll - l * l / kPairs;
  if (x_variance < kLeastVariance || l_variance < kLeastVariance) return 0;
  return std::clamp((xl - x * l / kPairs) / std::sqrt(x_variance * l_variance), -1.0F, 1.0F);
}

float SignalState::Evaluate(FeatureKind kind) const {
  switch (kind) {
    case FeatureKind::kValue:
      return x_;
    case FeatureKind::kFast:
      return fast_;
    case FeatureKind::kShift:
      return fast_ - slow_;
    case FeatureKind::kPeak:
      return Peak();
    case FeatureKind::kSlope:
      return Slope();
    case FeatureKind::kRatio:
      return HalfRatio();
    case FeatureKind::kEwma:
      return fast_ - medium_;
    case FeatureKind::kRobustZ:
      return robust_.z;
    case FeatureKind::kLongZ:
      return long_.z;
    case FeatureKind::kSinceChange:
      return since_change_;
    case FeatureKind::kSpread:
      return std::log((short_spread_ + kSpreadFloor) / (long_spread_ + kSpreadFloor));
    case FeatureKind::kTail:
      return Tail();
    case FeatureKind::kPerLoad:
      return per_load_fast_ - per_load_slow_;
    case FeatureKind::kResidual:
      return residual_;
    case FeatureKind::kLagged:
      return Lagged();
    default:
      return 0;
  }
}

}  // namespace grayling
