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
  std::string group;  // of the run; its id where it has none
};

// All that is fitted before the network: scales, and the candidate features they give. Made from
// training runs alone.
struct TrainingSet {
  std::vector<std::string> services;
  std::vector<std::string> columns;  // without those that show the injector
  std::vector<ColumnScale>
      scales;  // per column; without a location where level_relocation.h says so
  std::vector<std::string> candidates;
  std::vector<CandidateSequence> sequences;
};

// INVALID_ARGUMENT when the runs have no rows or no usable column. Streams that are absent from a
// run (an entity's columns in another entity's run) are left out; rows in which a stream has no
// input get weight 0.
// The candidates take at most `most_bytes`: where all of them would take more, only those signals
// are kept whose level or shift differs most (F test) between fault and healthy rows, the fault
// kinds taking turns; the aggregates over all signals always stay.
absl::StatusOr<TrainingSet> BuildTrainingSet(const std::vector<std::string>& columns,
                                             absl::Span<const Run* const> runs,
                                             const LabelSettings& settings,
                                             size_t most_bytes = size_t{300} << 20);

}  // namespace grayling
