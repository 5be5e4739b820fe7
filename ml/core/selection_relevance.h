#pragma once

#include "absl/types/span.h"

namespace grayling {

// All: missing values (NaN) are dropped; 0 when undefined (one class, a constant, too few rows).

// F of a one-way analysis of variance.
double FRatio(absl::Span<const float> values, absl::Span<const int> labels);

// Largest distance between the distribution of a class and that of all other rows, in [0, 1].
double KolmogorovSmirnov(absl::Span<const float> values, absl::Span<const int> labels);

// |Pearson correlation| over the rows where neither is missing, at least `least`, which is also the
// answer when it is undefined.
double AbsoluteCorrelation(absl::Span<const float> a, absl::Span<const float> b, double least);

}  // namespace grayling
