#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/trainer/stream_labels.h"

namespace grayling {

// Sums over labelled rows that give the F ratio of each feature for each fault kind against healthy
// rows, without keeping the rows.
class FeatureScreen {
 public:
  explicit FeatureScreen(size_t features) : healthy_(features) {}

  // `values`: one per feature, of a row that `labels` describes at `row`; rows of weight below 1
  // are left out.
  void Add(absl::Span<const float> values, const StreamLabels& labels, size_t row);

  // Indices of the features, those that differ most first: each kind names its best in turn.
  std::vector<size_t> Ranking() const;

 private:
  struct Sums {
    double n = 0, sum = 0, squares = 0;
  };
  struct Kind {
    std::string label;
    std::vector<Sums> sums;
  };
  double FRatio(const Sums& a, const Sums& b) const;
  std::vector<Sums>& SumsOf(const std::string& label);

  std::vector<Sums> healthy_;
  std::vector<Kind> kinds_;
};

}  // namespace grayling
