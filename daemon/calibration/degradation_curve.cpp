#include "daemon/calibration/degradation_curve.h"

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {

constexpr double kLinearUpTo = 50;

}  // namespace

StrengthScale::StrengthScale(const FaultKind& kind) {
  const FaultParameter& intensity = *kind.Intensity();
  gentle_ = kind.FallingHurtsMore() ? intensity.maximum : intensity.minimum;
  strong_ = kind.FallingHurtsMore() ? intensity.minimum : intensity.maximum;
  is_logarithmic_ = intensity.minimum > 0 && intensity.maximum / intensity.minimum > kLinearUpTo;
}

double StrengthScale::IntensityOf(double strength) const {
  strength = std::clamp(strength, 0.0, 1.0);
  if (is_logarithmic_) return gentle_ * std::pow(strong_ / gentle_, strength);
  return gentle_ + (strong_ - gentle_) * strength;
}

double StrengthScale::StrengthOf(double intensity) const {
  const double strength = is_logarithmic_
                              ? std::log(intensity / gentle_) / std::log(strong_ / gentle_)
                              : (intensity - gentle_) / (strong_ - gentle_);
  return std::clamp(strength, 0.0, 1.0);
}

void DegradationCurve::Add(const CurvePoint& point) {
  const auto place = std::upper_bound(
      points_.begin(), points_.end(), point,
      [](const CurvePoint& a, const CurvePoint& b) { return a.strength < b.strength; });
  points_.insert(place, point);
}

std::vector<CurvePoint> DegradationCurve::Monotone() const {
  struct Pool {
    double sum = 0;
    int count = 0;
    std::vector<double> strengths;
    double Mean() const { return sum / count; }
  };
  std::vector<Pool> pools;
  for (const CurvePoint& point : points_) {
    pools.push_back({point.degradation_percent, 1, {point.strength}});
    while (pools.size() > 1) {
      Pool& last = pools.back();
      Pool& before = pools[pools.size() - 2];
      const bool same_place = before.strengths.back() == last.strengths.front();
      if (!same_place && before.Mean() <= last.Mean()) break;
      before.sum += last.sum;
      before.count += last.count;
      before.strengths.insert(before.strengths.end(), last.strengths.begin(), last.strengths.end());
      pools.pop_back();
    }
  }
  std::vector<CurvePoint> curve;
  for (const Pool& pool : pools) {
    double middle = 0;
    for (const double strength : pool.strengths) middle += strength;
    // Pooled points disagree about the order: one point in their middle.
    curve.push_back({middle / static_cast<double>(pool.strengths.size()), pool.Mean()});
  }
  return curve;
}

std::optional<double> DegradationCurve::StrengthAt(double percent) const {
  CurvePoint before{0, 0};
  for (const CurvePoint& point : Monotone()) {
    if (point.degradation_percent >= percent) {
      const double rise = point.degradation_percent - before.degradation_percent;
      if (rise <= 0) return point.strength;
      const double share = std::clamp((percent - before.degradation_percent) / rise, 0.0, 1.0);
      return before.strength + share * (point.strength - before.strength);
    }
    before = point;
  }
  return std::nullopt;
}

double DegradationCurve::Highest() const {
  const std::vector<CurvePoint> curve = Monotone();
  return curve.empty() ? 0 : curve.back().degradation_percent;
}

}  // namespace grayling
