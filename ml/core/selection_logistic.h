#pragma once

#include <Eigen/Dense>

#include "absl/types/span.h"
#include "ml/core/dataset.h"

namespace grayling {

// Logistic regression on standardised columns, the cheap model by which numbers of features are
// compared.
struct LogisticModel {
  Eigen::VectorXf weights;  // of the raw columns
  float bias = 0;

  float Logit(Eigen::Ref<const Eigen::RowVectorXf> row) const { return row.dot(weights) + bias; }
};

// Newton's method on the cross-entropy with a ridge of 1 per column on top; `labels` 0 or 1, the
// positives weigh min(10, N0 / N1) each. Constant columns get weight 0. `values` hold no NaN.
LogisticModel FitLogistic(Eigen::Ref<const Matrix> values, absl::Span<const int> labels);

}  // namespace grayling
