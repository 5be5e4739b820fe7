#pragma once

#include <optional>
#include <vector>

#include "base/fault_kinds.h"

namespace grayling {

// One intensity at which clients were watched.
struct CurvePoint {
  double strength = 0;  // 0 = the gentlest intensity of the kind, 1 = the strongest
  double degradation_percent = 0;
};

// From strengths to intensities of one kind. Logarithmic where the range spans more than a factor
// of 50, else linear; falls where less hurts more.
class StrengthScale {
 public:
  // `kind` has an intensity.
  explicit StrengthScale(const FaultKind& kind);
  double IntensityOf(double strength) const;
  double StrengthOf(double intensity) const;

 private:
  double gentle_;
  double strong_;
  bool is_logarithmic_;
};

// Degradation as a function of strength: the measured points, points of equal strength averaged,
// made monotone by pooling (isotonic regression), linear between them.
class DegradationCurve {
 public:
  void Add(const CurvePoint& point);
  bool empty() const { return points_.empty(); }
  // The gentlest strength at which `percent` is reached; nothing when no point reaches it. Before
  // the first point the curve comes from no degradation at strength 0.
  std::optional<double> StrengthAt(double percent) const;
  // The degradation that the strongest point reaches; 0 when empty.
  double Highest() const;

 private:
  std::vector<CurvePoint> Monotone() const;

  std::vector<CurvePoint> points_;  // as measured, by strength
};

}  // namespace grayling
