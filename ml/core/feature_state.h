#pragma once

#include <limits>
#include <optional>

#include "ml/core/feature_name.h"
#include "ml/core/feature_reference.h"

namespace grayling {

// Which costly parts of a SignalState are wanted.
struct FeatureNeeds {
  bool robust_z = false;
  bool long_z = false;
  bool load = false;
  bool lagged = false;

  void Add(FeatureKind kind);
  void Add(const FeatureNeeds& other);
};

// The offered load in one row: squashed and not, NaN where unknown; and its median in scales.
struct OfferedLoad {
  float x = std::numeric_limits<float>::quiet_NaN();
  float u = std::numeric_limits<float>::quiet_NaN();
  float centre = 0;
};

// All rolling state of one signal in one stream, and the features of that signal alone
// (feature_name.h; peer, edge and the aggregates need others too). Not thread-safe; Step() does not
// allocate.
class SignalState {
 public:
  // `centre`: the signal's median in units of its scale, for the guarded ratio.
  SignalState(const FeatureNeeds& needs, float centre);

  void Reset();
  // The signal's x and u, NaN where missing.
  void Step(float x, float u, const OfferedLoad& load);

  bool missing() const { return missing_; }
  bool started() const { return started_; }
  float value() const { return x_; }
  float fast() const { return fast_; }
  float robust_z() const { return robust_.z; }
  float smooth_robust_z() const { return robust_.smooth; }
  float smooth_long_z() const { return long_.smooth; }
  // The feature of a kind that is taken of one signal alone; 0 for the others.
  float Evaluate(FeatureKind kind) const;

 private:
  static constexpr int kRows = 16;  // of the short frames

  struct Deviation {
    std::optional<RollingReference> reference;
    float z = 0;
    float smooth = 0;

    void Reset();
    void Step(float u, bool missing, bool held);
  };

  void Hold(float& x, float& u);
  void StepSpread(float step);
  void StepLoad(const OfferedLoad& load);
  float Recent(const float (&ring)[kRows], int age) const {
    return ring[(row_ - 1 - static_cast<unsigned>(age)) % kRows];
  }
  int Known(int most) const { return known_ < most ? known_ : most; }
  float Peak() const;
  float Slope() const;
  float HalfRatio() const;
  float Tail() const;
  float Lagged() const;

  FeatureNeeds needs_;
  float centre_;
  unsigned row_ = 0;
  int known_ = 0;  // rows since the first value, at most kRows
  int gap_ = 0;    // rows since the last value
  bool started_ = false;
  bool missing_ = true;
  float x_ = 0, u_ = 0;
  float last_x_ = 0, last_u_ = 0;  // of the last row that had a value
  float fast_ = 0, medium_ = 0, slow_ = 0;
  int spread_rows_ = 0;
  float short_spread_ = 0, long_spread_ = 0;
  float since_change_ = 0;
  Deviation robust_, long_;
  LoadLine line_;
  float residual_ = 0;
  float per_load_fast_ = 0, per_load_slow_ = 0;
  bool per_load_started_ = false;
  float recent_x_[kRows] = {}, recent_u_[kRows] = {}, recent_load_[kRows] = {};
};

}  // namespace grayling
