#pragma once

#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/dataset.h"
#include "ml/core/selection_bins.h"

namespace grayling {

// mRMR (Peng, Long, Ding, TPAMI 27(8), 2005) and its variants (Zhao, Anand, Wang, 2019): how the
// relevance of a candidate x for the classes c is set against its redundancy with those chosen.
enum class SelectionCriterion {
  kMutualInformationDifference,  // MID: I(x;c) - mean I(x;chosen), nats on quantile bins
  kMutualInformationQuotient,    // MIQ: I(x;c) / (mean I(x;chosen) + 0.01)
  kFRatioQuotient,               // FCQ: F(x,c) / mean |Pearson(x,chosen)|, each at least 0.001
  kFRatioDifference,             // FCD: F(x,c) - mean |Pearson(x,chosen)|
  kForestQuotient,               // RFCQ: forest importance / mean |Pearson(x,chosen)|
};

enum class SelectionRelevance {
  kFRatio,             // one-way analysis of variance; sees shifts of the mean
  kMutualInformation,  // nats on quantile bins, bias-corrected; sees any dependence
  kKolmogorovSmirnov,  // largest distance between a class's distribution and the others'
  kForest,             // share of impurity that shallow random trees remove by it
};

struct SelectionSettings {
  int count = 24;  // at most so many
  int bins = 5;
  SelectionCriterion criterion = SelectionCriterion::kFRatioQuotient;
  // Columns with less than this share of the largest relevance are left out: a quotient would
  // favour noise that resembles nothing picked so far.
  double least_relevance_share = 0;
  std::optional<SelectionRelevance> relevance = {};  // instead of the criterion's own
  // Per column, multiplies its relevance; 0 leaves it out. Empty: 1 for all.
  std::vector<double> relevance_factor = {};
  int threads = 1;  // any number gives the same picks
};

struct SelectedFeature {
  int column = -1;
  double relevance = 0;   // in its own unit
  double redundancy = 0;  // mean over those picked before
  double score = 0;       // the criterion when it was picked
};

// Picks columns of `values` (rows x features; NaN is missing and dropped per column, or per pair)
// that say much about `labels` (any small non-negative integers) and little that the picked ones do
// not say already. The first k picks are those of count = k. Deterministic: ties go to the lower
// column. Constant and irrelevant columns are never picked, nor is a second copy of a picked one;
// the result may be shorter than asked for, and is empty when nothing is relevant or there is only
// one class. Redundancy is accumulated: one pass per pick and candidate.
std::vector<SelectedFeature> SelectFeatures(const Matrix& values, absl::Span<const int> labels,
                                            const SelectionSettings& settings);

}  // namespace grayling
