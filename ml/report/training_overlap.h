#pragma once

#include <string>
#include <vector>

#include "ml/core/dataset.h"
#include "ml/core/provenance.h"

namespace grayling {

// Which of the judged runs the model has seen, as far as its provenance tells.
struct TrainingOverlap {
  std::vector<std::string> seen;  // ids of judged runs that it was fitted on
  // The model names a data set of this name that had other bytes: `seen` are runs that would have
  // been trained on, if those groups still hold what they held then.
  bool is_other_version = false;
};

// A fit reads the runs with split "train", all runs where no run has a split, and writes down their
// groups. `dataset_hash` is HashDirectory of the folder that was judged.
TrainingOverlap OverlapWithTraining(const Provenance& provenance, const Dataset& dataset,
                                    const std::string& dataset_hash,
                                    const std::vector<const Run*>& judged);

}  // namespace grayling
