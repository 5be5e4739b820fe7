#pragma once

#include <cstddef>
#include <vector>

#include "ml/core/rolling_median.h"

namespace grayling {

// Least spread of a reference, in scales of the column (scale.h): a series that stood still must
// not make the smallest move look like infinity.
inline constexpr float kLeastSpread = 0.25F;
// Rows that a reference must hold before it is believed.
inline constexpr int kLeastReference = 8;

// Robust z of each value against those before it, the newest `gap` rows excluded, so that a fault
// does not become its own reference at once:
//   z_t = (u_t - median(W)) / max(1.4826 * MAD(W), kLeastSpread)
// squashed to +-kScaledLimit (scale.h). W holds the last `window` values among the rows up to t -
// gap - 1 whose number divides by `every`, counted from the first. 0 until W holds kLeastReference
// values. Not thread-safe; Step() does not allocate.
class RollingReference {
 public:
  RollingReference(int window, int gap, int every);
  void Reset();
  float Step(float value);

 private:
  RollingMedian values_;
  std::vector<float> newest_;  // ring of the last `gap`
  size_t every_;
  size_t row_ = 0;
  float centre_ = 0;
  float per_spread_ = 0;  // 1 / spread; 0 until there is a reference
};

// Line through past (load, value) pairs with exponential forgetting: weights (1 - rate)^age, the
// first rows averaged plainly. Step() returns what the line does not explain of a new pair, and
// then takes that in. With r = cov / (var_load + ridge): residual = (value - mean_value) - r *
// (load - mean_load).
class LoadLine {
 public:
  void Reset() { *this = LoadLine(); }
  float Step(float value, float load);

 private:
  int rows_ = 0;
  float mean_value_ = 0;
  float mean_load_ = 0;
  float load_variance_ = 0;
  float covariance_ = 0;
};

}  // namespace grayling
