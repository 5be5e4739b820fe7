#pragma once

#include "absl/status/status.h"
#include "ml/core/dataset.h"
#include "ml/trainer/training_set.h"

namespace grayling {

// Columns whose healthy level is another one in every recording (the same service on another
// machine, another amount of traffic) must not be told by level: a network would take the next
// recording for one long fault. Such columns get an unknown location (scale.h), so that each run is
// measured against its own first rows, and all features of `set` are made anew.
// Their scale is that of the deviations from each run's own median.
// Which columns: where the healthy medians of the runs differ by more than 1.5 such scales; all of
// them where the training runs are of one group, since then nothing is known
// about other recordings. `set` was built from the runs of `part`.
absl::Status Relocate(const Dataset& part, const LabelSettings& labels, TrainingSet& set);

}  // namespace grayling
