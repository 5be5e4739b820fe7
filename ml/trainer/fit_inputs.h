#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/core/detector.h"
#include "ml/trainer/fit.h"
#include "ml/trainer/input_choice.h"
#include "ml/trainer/stream_inputs.h"

namespace grayling {

// Everything of a model but its network, and the rows to fit that on.
struct PreparedInputs {
  Model model;
  std::vector<ChosenInput> inputs;
  std::vector<TrainingSequence> sequences;
};

// Scales, features and inputs fitted on every run of `part`: the chosen ones and, beyond their
// number, the largest deviations over all signals (feature_name.h: largest, top, rise).
// With `clean` the rows are cleaned
// first; the model does the same to the rows it will see. INVALID_ARGUMENT when nothing differs
// between its fault windows and its healthy time.
absl::StatusOr<PreparedInputs> PrepareInputs(const Dataset& part,
                                             const SelectionSettings& selection,
                                             const LabelSettings& labels, bool clean);

// At most about `most_rows` rows: sequences with faults first, then the others, each kind spread
// evenly over the set. So that training ends in minutes however long the recording is.
std::vector<TrainingSequence> ThinSequences(std::vector<TrainingSequence> sequences,
                                            size_t most_rows);

// The sequences and up to four copies of each, as many as settings.most_training_rows allows. In a
// copy every input is off by a constant of its own, normal with deviation
// settings.level_variation: a network that learns from them tells faults by what changes, and bears
// recordings at another level. Deterministic by the first network's seed.
std::vector<TrainingSequence> VaryLevels(std::vector<TrainingSequence> sequences,
                                         const FitSettings& settings);

// What a model's network sees of one run, made once for many networks.
class RunInputs {
 public:
  // `columns` are those of run.values; the model is retargeted (retarget.h) to those that have
  // values in this run. INVALID_ARGUMENT when the model's parts do not fit.
  static absl::StatusOr<RunInputs> Create(const Model& model, const Run& run,
                                          const std::vector<std::string>& columns);

  // Per row the largest logit over the streams, from a fresh state at the first row; minus infinity
  // where no stream has any input.
  absl::StatusOr<std::vector<float>> SystemLogits(const NetworkWeights& network) const;

 private:
  std::vector<StreamRows> streams_;
};

// A detector for one run: the model retargeted to the columns that have values in it. Whoever
// judges a model on a run scores it through this.
absl::StatusOr<std::unique_ptr<Detector>> DetectorFor(const Model& model, const Run& run,
                                                      const std::vector<std::string>& columns);

// The same through the detector itself: scores and alarms of a finished model, one per row.
struct RunVerdicts {
  std::vector<float> scores;
  std::vector<bool> alarms;
};
absl::StatusOr<RunVerdicts> JudgeRun(const Model& model, const Run& run,
                                     const std::vector<std::string>& columns);

}  // namespace grayling
