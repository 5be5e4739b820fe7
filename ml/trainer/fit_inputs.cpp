#include "ml/trainer/fit_inputs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <random>
#include <utility>

#include "base/status_macros.h"
#include "ml/core/cleaner_fit.h"
#include "ml/core/denoise.h"
#include "ml/core/detector.h"
#include "ml/core/features.h"
#include "ml/core/network_stepper.h"
#include "ml/core/retarget.h"

namespace grayling {
namespace {

constexpr size_t kMostCopies = 4;

bool HasFault(const TrainingSequence& sequence) {
  for (size_t r = 0; r < sequence.targets.size(); ++r) {
    if (sequence.targets[r] > 0.5F && sequence.weights[r] > 0) return true;
  }
  return false;
}

// Sequences of `from` at even distances, about `rows` rows of them in all.
void TakeEvenly(std::vector<TrainingSequence>& from, size_t rows,
                std::vector<TrainingSequence>& to) {
  size_t all = 0;
  for (const TrainingSequence& sequence : from) all += sequence.targets.size();
  const double share = all == 0 ? 0 : std::min(1.0, static_cast<double>(rows) / all);
  double due = 1 - share;  // the first is always taken
  for (TrainingSequence& sequence : from) {
    due += share;
    if (due < 1) continue;
    due -= 1;
    to.push_back(std::move(sequence));
  }
}

size_t Rows(const std::vector<TrainingSequence>& sequences) {
  size_t rows = 0;
  for (const TrainingSequence& sequence : sequences) rows += sequence.targets.size();
  return rows;
}

// Inputs that speak of any service and metric: with them a network can find faults of kinds that it
// never saw. Those that are no candidates, or chosen already, are left out.
void AddAggregates(const TrainingSet& set, std::vector<ChosenInput>& inputs) {
  for (size_t c = 0; c < set.candidates.size(); ++c) {
    const absl::StatusOr<FeatureSpec> feature = ParseFeature(set.candidates[c]);
    if (!feature.ok()) continue;
    const FeatureKind kind = feature->kind;
    if (kind != FeatureKind::kLargest && kind != FeatureKind::kTop && kind != FeatureKind::kRise) {
      continue;
    }
    const bool is_chosen = std::any_of(inputs.begin(), inputs.end(), [&](const ChosenInput& input) {
      return input.candidate == static_cast<int>(c);
    });
    if (!is_chosen) inputs.push_back({static_cast<int>(c), set.candidates[c], "any kind", 0, 0, 0});
  }
}

}  // namespace

absl::StatusOr<PreparedInputs> PrepareInputs(const Dataset& part,
                                             const SelectionSettings& selection,
                                             const LabelSettings& labels, bool clean) {
  std::vector<const Run*> runs;
  for (const Run& run : part.runs) runs.push_back(&run);
  std::vector<ColumnCleaning> cleaning;
  std::vector<Run> cleaned;
  if (clean) {
    cleaning = FitCleaning(runs, {labels.recovery_s, {}, {}}).Cleanings();
    GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Cleaner> cleaner, Cleaner::Create(cleaning));
    cleaned = part.runs;
    for (size_t i = 0; i < cleaned.size(); ++i) {
      CleanRun(*cleaner, cleaned[i]);
      runs[i] = &cleaned[i];
    }
  }
  GRAYLING_ASSIGN_OR_RETURN(const TrainingSet set, BuildTrainingSet(part.columns, runs, labels));
  PreparedInputs prepared;
  prepared.inputs = ChooseInputs(set, selection);
  if (prepared.inputs.empty()) {
    return absl::InvalidArgumentError(
        "no metric differs between fault windows and healthy time in the training runs; check the "
        "windows with grayling-ml describe, or raise the intensity of the faults");
  }
  AddAggregates(set, prepared.inputs);
  prepared.sequences = ChosenSequences(set, prepared.inputs);
  Model& model = prepared.model;
  model.period_s = part.period_s;
  model.services = set.services;
  for (const ChosenInput& input : prepared.inputs) model.features.push_back(input.feature);
  model.input_columns = ColumnsFor(model.features, set.columns, set.services);
  std::map<std::string, ColumnScale> scales;
  for (size_t c = 0; c < set.columns.size(); ++c) scales[set.columns[c]] = set.scales[c];
  for (const std::string& column : model.input_columns) model.scales.push_back(scales[column]);
  if (clean) {
    std::map<std::string, ColumnCleaning> by_column;
    for (size_t c = 0; c < part.columns.size(); ++c) by_column[part.columns[c]] = cleaning[c];
    for (const std::string& column : model.input_columns) {
      model.cleaning.push_back(by_column[column]);
    }
  }
  return prepared;
}

std::vector<TrainingSequence> ThinSequences(std::vector<TrainingSequence> sequences,
                                            size_t most_rows) {
  if (Rows(sequences) <= most_rows) return sequences;
  std::vector<TrainingSequence> faulty, healthy;
  for (TrainingSequence& sequence : sequences) {
    (HasFault(sequence) ? faulty : healthy).push_back(std::move(sequence));
  }
  std::vector<TrainingSequence> thinned;
  // Faults are what is rare, but a detector must have seen whole healthy runs as well.
  TakeEvenly(faulty, healthy.empty() ? most_rows : most_rows * 2 / 3, thinned);
  const size_t taken = Rows(thinned);
  TakeEvenly(healthy, most_rows > taken ? most_rows - taken : 0, thinned);
  return thinned;
}

std::vector<TrainingSequence> VaryLevels(std::vector<TrainingSequence> sequences,
                                         const FitSettings& settings) {
  if (settings.level_variation <= 0) return sequences;
  const size_t rows = std::max<size_t>(1, Rows(sequences));
  const size_t copies =
      std::min(kMostCopies, std::max(rows, settings.most_training_rows) / rows - 1);
  std::mt19937_64 random(settings.networks.empty() ? 1 : settings.networks[0].seed);
  std::normal_distribution<float> normal(0, settings.level_variation);
  const size_t originals = sequences.size();
  for (size_t i = 0; i < copies * originals; ++i) {
    TrainingSequence copy = sequences[i % originals];
    for (Eigen::Index c = 0; c < copy.inputs.cols(); ++c) {
      copy.inputs.col(c).array() += normal(random);
    }
    sequences.push_back(std::move(copy));
  }
  return sequences;
}

absl::StatusOr<RunInputs> RunInputs::Create(const Model& trained, const Run& run,
                                            const std::vector<std::string>& columns) {
  RunInputs inputs;
  GRAYLING_ASSIGN_OR_RETURN(inputs.streams_, StreamsOf(trained, run, columns));
  return inputs;
}

absl::StatusOr<std::vector<float>> RunInputs::SystemLogits(const NetworkWeights& network) const {
  if (streams_.empty()) return std::vector<float>();
  const auto features = static_cast<size_t>(streams_.front().inputs.cols());
  GRAYLING_ASSIGN_OR_RETURN(
      const std::unique_ptr<NetworkStepper> stepper,
      NetworkStepper::Create(network, static_cast<int>(features), /*streams=*/1));
  return LargestOverStreams(streams_, [&](const Matrix& inputs) {
    std::vector<float> logits(static_cast<size_t>(inputs.rows()));
    stepper->Reset();
    for (size_t r = 0; r < logits.size(); ++r) {
      logits[r] = stepper->Step(0, {inputs.data() + r * features, features});
    }
    return absl::StatusOr<std::vector<float>>(std::move(logits));
  });
}

absl::StatusOr<std::unique_ptr<Detector>> DetectorFor(const Model& model, const Run& run,
                                                      const std::vector<std::string>& columns) {
  if (model.novelty) return Detector::Create(model);
  return Detector::Create(Retarget(model, ColumnsWithValues(run, columns)));
}

absl::StatusOr<RunVerdicts> JudgeRun(const Model& trained, const Run& run,
                                     const std::vector<std::string>& columns) {
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Detector> detector,
                            DetectorFor(trained, run, columns));
  RunVerdicts result;
  for (const Verdict& verdict : ScoreRun(*detector, run, InputPositions(*detector, columns))) {
    result.scores.push_back(verdict.score);
    result.alarms.push_back(verdict.alarm);
  }
  return result;
}

}  // namespace grayling
