#include "ml/trainer/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/core/detector.h"
#include "ml/core/features.h"
#include "ml/trainer/halves.h"

namespace grayling {
namespace {

constexpr int kCheckpointEpochs = 5;
constexpr size_t kMostFolds = 5;

// Everything of a model but the network, and the rows to fit that on.
struct Prepared {
  Model model;
  std::vector<ChosenInput> inputs;
  std::vector<TrainingSequence> sequences;
};

std::vector<Run> TrainingRuns(const Dataset& dataset) {
  const bool has_split = std::any_of(dataset.runs.begin(), dataset.runs.end(),
                                     [](const Run& run) { return !run.split.empty(); });
  std::vector<Run> runs;
  for (const Run& run : dataset.runs) {
    if (!has_split || run.split == "train") runs.push_back(run);
  }
  return runs;
}

absl::StatusOr<Prepared> Prepare(const Dataset& dataset, absl::Span<const Run* const> runs,
                                 const FitSettings& settings) {
  GRAYLING_ASSIGN_OR_RETURN(const TrainingSet set,
                            BuildTrainingSet(dataset.columns, runs, settings.labels));
  Prepared prepared;
  prepared.inputs = ChooseInputs(set, settings.selection);
  if (prepared.inputs.empty()) {
    return absl::InvalidArgumentError(
        "no metric differs between fault windows and healthy time in the training runs; check the "
        "windows with grayling-ml describe, or raise the intensity of the faults");
  }
  prepared.sequences = ChosenSequences(set, prepared.inputs);
  Model& model = prepared.model;
  model.description = absl::StrCat("LSTM(", settings.network.hidden, ") on ", dataset.name);
  model.period_s = dataset.period_s;
  model.services = set.services;
  for (const ChosenInput& input : prepared.inputs) model.features.push_back(input.feature);
  model.input_columns = ColumnsFor(model.features, set.columns, set.services);
  std::map<std::string, ColumnScale> scales;
  for (size_t c = 0; c < set.columns.size(); ++c) scales[set.columns[c]] = set.scales[c];
  for (const std::string& column : model.input_columns) model.scales.push_back(scales[column]);
  return prepared;
}

void SetNetwork(const NetworkWeights& weights, Model& model) {
  model.lstm = weights.lstm;
  model.head_weights = weights.head_weights;
  model.head_bias = weights.head_bias;
}

absl::StatusOr<std::vector<float>> SystemLogits(const Model& model, const Run& run,
                                                const std::vector<std::string>& columns) {
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<Detector> detector, Detector::Create(model));
  const std::vector<int> positions = InputPositions(*detector, columns);
  std::vector<float> logits;
  ForEachVerdict(*detector, run, positions, [&](size_t, const Verdict&) {
    const absl::Span<const float> services = detector->service_logits();
    logits.push_back(*std::max_element(services.begin(), services.end()));
  });
  return logits;
}

// Runs per fold: one fold per group, groups dealt round when there are many.
std::vector<std::vector<const Run*>> Folds(const std::vector<Run>& runs) {
  std::map<std::string, size_t> fold_of_group;
  std::vector<std::vector<const Run*>> folds;
  for (const Run& run : runs) {
    const std::string& group = run.group.empty() ? run.id : run.group;
    const auto [entry, is_new] =
        fold_of_group.try_emplace(group, fold_of_group.size() % kMostFolds);
    if (entry->second >= folds.size()) folds.resize(entry->second + 1);
    folds[entry->second].push_back(&run);
  }
  return folds;
}

// The work of one call, with what its steps share.
class Fitting {
 public:
  Fitting(const Dataset& dataset, const FitSettings& settings, const FitProgress& progress)
      : dataset_(dataset), settings_(settings), progress_(progress), runs_(TrainingRuns(dataset)) {}

  absl::StatusOr<FitReport> Execute() {
    GRAYLING_RETURN_IF_ERROR(Check());
    folds_ = Folds(runs_);
    if (folds_.size() == 1) {
      halves_.reserve(2 * runs_.size());
      folds_.assign(2, {});
      for (const Run& run : runs_) {
        for (Run& half : CutInHalves(run)) {
          halves_.push_back(std::move(half));
          folds_[(halves_.size() - 1) % 2].push_back(&halves_.back());
        }
      }
    }
    total_ = (static_cast<int>(folds_.size()) * settings_.repeats + 1) * settings_.network.epochs;
    checkpoints_.resize(static_cast<size_t>((settings_.network.epochs + kCheckpointEpochs - 1) /
                                            kCheckpointEpochs));
    for (size_t f = 0; f < folds_.size(); ++f) GRAYLING_RETURN_IF_ERROR(ScoreFold(f));
    FitReport report;
    report.folds = static_cast<int>(folds_.size());
    report.repeats = settings_.repeats;
    report.epochs = ChooseEpochs();
    const std::vector<OutOfFoldRun>& chosen = checkpoints_[CheckpointOf(report.epochs)];
    const Calibration calibration = Calibrate(chosen, settings_.labels.recovery_s);
    const std::vector<ScoredRun> scores = ToScores(chosen, calibration);
    report.table = ThresholdTable(scores, settings_.evaluation);
    report.point = ChooseOperatingPoint(scores, settings_.evaluation, settings_.targets);
    GRAYLING_RETURN_IF_ERROR(FinalFit(report));
    report.model.temperature = calibration.temperature;
    report.model.head_bias += calibration.bias;
    report.model.threshold = report.point.threshold;
    report.model.alarm_votes = report.point.alarm_votes;
    report.model.alarm_rows = report.point.alarm_rows;
    return report;
  }

 private:
  absl::Status Check() const {
    if (runs_.empty()) {
      return absl::InvalidArgumentError(
          "no run has split \"train\"; mark some in dataset.json, or remove all splits");
    }
    for (const Run& run : runs_) {
      if (!run.windows.empty()) return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        "the training runs have no fault window, so there is nothing to learn; put runs with "
        "windows "
        "into split \"train\"");
  }

  size_t CheckpointOf(int epoch) const {
    return static_cast<size_t>((epoch + kCheckpointEpochs - 1) / kCheckpointEpochs - 1);
  }

  NetworkSettings SettingsFor(uint64_t offset) const {
    NetworkSettings network = settings_.network;
    network.seed += offset;
    return network;
  }

  void Report(const std::string& stage, int epoch, int of, double loss) {
    ++done_;
    if (!progress_) return;
    progress_(done_, total_, absl::StrFormat("%s  epoch %d/%d  loss %.3f", stage, epoch, of, loss));
  }

  // Trains on the other folds and keeps what the network says about this one at every checkpoint.
  absl::Status ScoreFold(size_t held) {
    std::vector<const Run*> others;
    for (size_t f = 0; f < folds_.size(); ++f) {
      if (f != held) others.insert(others.end(), folds_[f].begin(), folds_[f].end());
    }
    GRAYLING_ASSIGN_OR_RETURN(Prepared prepared, Prepare(dataset_, others, settings_));
    for (int repeat = 0; repeat < settings_.repeats; ++repeat) {
      const std::string stage = absl::StrCat("fold ", held + 1, "/", folds_.size(), " network ",
                                             repeat + 1, "/", settings_.repeats);
      absl::Status scored = absl::OkStatus();
      const auto on_epoch = [&](int epoch, double loss, const NetworkWeights& weights) {
        Report(stage, epoch, settings_.network.epochs, loss);
        if (epoch % kCheckpointEpochs != 0 && epoch != settings_.network.epochs) return;
        SetNetwork(weights, prepared.model);
        for (const Run* run : folds_[held]) {
          auto logits = SystemLogits(prepared.model, *run, dataset_.columns);
          if (logits.ok()) {
            checkpoints_[CheckpointOf(epoch)].push_back({run, *std::move(logits)});
          } else {
            scored.Update(logits.status());
          }
        }
      };
      const auto weights =
          TrainNetwork(prepared.sequences, SettingsFor(static_cast<uint64_t>(repeat)), on_epoch);
      GRAYLING_RETURN_IF_ERROR(weights.status());
      GRAYLING_RETURN_IF_ERROR(scored);
    }
    return absl::OkStatus();
  }

  // The checkpoint with the best average precision, its neighbours counted in: one lucky point is
  // none.
  int ChooseEpochs() const {
    std::vector<double> quality;
    for (const auto& checkpoint : checkpoints_) {
      const double area = Evaluate(ToScores(checkpoint, {}), settings_.evaluation).pr_auc;
      quality.push_back(std::isfinite(area) ? area : 0);
    }
    size_t best = 0;
    double best_quality = -1;
    for (size_t i = 0; i < quality.size(); ++i) {
      const double smooth = (quality[i > 0 ? i - 1 : i] + 2 * quality[i] +
                             quality[i + 1 < quality.size() ? i + 1 : i]) /
                            4;
      if (smooth > best_quality) {
        best = i;
        best_quality = smooth;
      }
    }
    return std::min((static_cast<int>(best) + 1) * kCheckpointEpochs, settings_.network.epochs);
  }

  absl::Status FinalFit(FitReport& report) {
    std::vector<const Run*> all;
    for (const Run& run : runs_) all.push_back(&run);
    GRAYLING_ASSIGN_OR_RETURN(Prepared prepared, Prepare(dataset_, all, settings_));
    NetworkSettings network = SettingsFor(0);
    network.epochs = report.epochs;
    total_ += report.epochs - settings_.network.epochs;
    GRAYLING_ASSIGN_OR_RETURN(const NetworkWeights weights,
                              TrainNetwork(prepared.sequences, network,
                                           [&](int epoch, double loss, const NetworkWeights&) {
                                             Report("all training groups", epoch, report.epochs,
                                                    loss);
                                           }));
    SetNetwork(weights, prepared.model);
    report.model = std::move(prepared.model);
    report.inputs = std::move(prepared.inputs);
    return absl::OkStatus();
  }

  const Dataset& dataset_;
  const FitSettings& settings_;
  const FitProgress& progress_;
  const std::vector<Run> runs_;
  std::vector<Run> halves_;
  std::vector<std::vector<const Run*>> folds_;
  std::vector<std::vector<OutOfFoldRun>> checkpoints_;
  int total_ = 0;
  int done_ = 0;
};

}  // namespace

absl::StatusOr<FitReport> FitModel(const Dataset& dataset, const FitSettings& settings,
                                   const FitProgress& progress) {
  return Fitting(dataset, settings, progress).Execute();
}

}  // namespace grayling
