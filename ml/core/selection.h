#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/dataset.h"

namespace grayling {

// mRMR (Peng, Long, Ding, TPAMI 27(8), 2005) and its F-test variant (Zhao, Anand, Wang, 2019).
enum class SelectionCriterion {
  // I(x;c) - mean I(x;chosen), mutual information in nats on quantile bins. Sees any dependence.
  kMutualInformationDifference,
  // F(x,c) / mean |Pearson(x,chosen)|, the latter at least 0.001. Sees shifts of the mean.
  kFRatioQuotient,
};

struct SelectionSettings {
  int count = 24;  // at most so many
  int bins = 5;
  SelectionCriterion criterion = SelectionCriterion::kFRatioQuotient;
  // Columns with less than this share of the largest relevance are left out: a quotient would
  // favour noise that resembles nothing picked so far.
  double least_relevance_share = 0;
};

struct SelectedFeature {
  int column = -1;
  double relevance = 0;  // I(x;c) in nats, bias-corrected, or F
  double score = 0;      // the criterion when it was picked
};

// Picks columns of `values` (rows x features; NaN is missing and dropped per pair) that say much
// about `labels` (any small non-negative integers) and little that the picked ones do not say
// already. Deterministic: ties go to the lower column. Constant and irrelevant columns are never
// picked, a second copy of a picked one loses to anything new; the result may be shorter than asked
// for, and is empty when nothing is relevant or there is only one class. Cost: one pass per pick
// and candidate.
std::vector<SelectedFeature> SelectFeatures(const Matrix& values, absl::Span<const int> labels,
                                            const SelectionSettings& settings);

// Bin of each value, 0-based and below `bins`; kMissingBin for NaN. Equal values share a bin. A
// single value that fills more than a bin's share (the zeros of a sparse counter) gets a bin of its
// own.
inline constexpr uint8_t kMissingBin = 255;
std::vector<uint8_t> QuantileBins(absl::Span<const float> values, int bins);

// Mutual information in nats of two codes below 64, over the rows where neither is missing.
double MutualInformation(absl::Span<const uint8_t> a, absl::Span<const uint8_t> b);

}  // namespace grayling
