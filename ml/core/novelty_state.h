#pragma once

#include <vector>

#include <Eigen/Dense>

#include "absl/types/span.h"
#include "ml/core/column_scale.h"

namespace grayling {

// Location and scale of a column's values for the purpose of novelty: the median, and the largest
// of 1.4826 * MAD, a third of the 99th percentile of |x - median| and a tenth of its maximum, so
// that a column that is usually still but had its bursts in training may burst again. A column that
// never moved: 5 % of |median|, else 1. Missing and infinite values are left out. Always positive
// and finite.
ColumnScale FitNoveltyScale(absl::Span<const float> values);

// Turns rows into levels and changes (NoveltyInput), row by row. Not thread-safe; Step() does not
// allocate.
class NoveltyState {
 public:
  NoveltyState(std::vector<ColumnScale> scales, float drift_rate);

  void Reset();
  // `row`: one value per column, NaN is missing. A missing value holds the mean of the last ones
  // and fades to 0, the training level.
  void Step(absl::Span<const float> row);
  // 2 C values, the levels first, of the last Step.
  const Eigen::VectorXf& output() const { return output_; }

 private:
  struct Column {
    float reference = 0;  // slow mean of the standardised value
    float mean = 0;       // exponentially weighted mean of the level
    bool seen = false;
  };

  std::vector<ColumnScale> scales_;
  float drift_rate_;
  std::vector<Column> columns_;
  Eigen::VectorXf output_;
};

}  // namespace grayling
