#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "ml/core/model.h"
#include "ml/trainer/stream_labels.h"

namespace grayling {

// One stream of one run with every feature that could be a network input.
struct CandidateSequence {
  Matrix features;  // rows x candidates
  StreamLabels labels;
};

// All that is fitted before the network: scales, and the candidate features they give. Made from
// training runs alone.
struct TrainingSet {
  std::vector<std::string> services;
  std::vector<std::string> columns;
  std::vector<ColumnScale> scales;  // per column
  std::vector<std::string> candidates;
  std::vector<CandidateSequence> sequences;
};

// INVALID_ARGUMENT when the runs have no rows or no usable column. Streams that are absent from a
// run (an entity's columns in another entity's run) are left out; rows in which a stream has no
// input get weight 0.
absl::StatusOr<TrainingSet> BuildTrainingSet(const std::vector<std::string>& columns,
                                             absl::Span<const Run* const> runs,
                                             const LabelSettings& settings);

}  // namespace grayling
