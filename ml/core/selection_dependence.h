#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/selection.h"

namespace grayling {

// What a criterion needs to know of the columns. Thread-safe.
class Dependence {
 public:
  // Keeps nothing of `values` and `labels` but what the criterion needs.
  static std::unique_ptr<Dependence> Create(const Matrix& values, absl::Span<const int> labels,
                                            const SelectionSettings& settings);
  virtual ~Dependence() = default;

  // Per column; 0 or less: irrelevant.
  virtual const std::vector<double>& relevance() const = 0;
  virtual double Redundancy(size_t a, size_t b) const = 0;
  // Whether so much redundancy makes the candidate a copy, which adds nothing.
  virtual bool IsCopy(double redundancy, size_t candidate) const = 0;
};

}  // namespace grayling
