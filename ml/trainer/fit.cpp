#include "ml/trainer/fit.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/core/conformal.h"
#include "ml/trainer/fit_ensemble.h"
#include "ml/trainer/fit_folds.h"
#include "ml/trainer/fit_inputs.h"
#include "ml/trainer/fit_trials.h"

namespace grayling {
namespace {

// The runs that may be learned from; the data set itself when it has no splits.
const Dataset& TrainingRuns(const Dataset& dataset, Dataset& storage) {
  const bool has_split = std::any_of(dataset.runs.begin(), dataset.runs.end(),
                                     [](const Run& run) { return !run.split.empty(); });
  if (!has_split) return dataset;
  storage.name = dataset.name;
  storage.period_s = dataset.period_s;
  storage.columns = dataset.columns;
  storage.edges = dataset.edges;
  for (const Run& run : dataset.runs) {
    if (run.split == "train") storage.runs.push_back(run);
  }
  return storage;
}

absl::Status CheckRuns(const Dataset& data) {
  if (data.runs.empty()) {
    return absl::InvalidArgumentError(
        "no run has split \"train\"; mark some in dataset.json, or remove all splits");
  }
  for (const Run& run : data.runs) {
    if (!run.windows.empty()) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "the training runs have no fault window, so there is nothing to learn; put runs with windows "
      "into split \"train\", or use --unsupervised");
}

// The work of one call, with what its steps share.
class Fitting {
 public:
  Fitting(const Dataset& dataset, const FitSettings& settings, const FitProgress& progress)
      : settings_(settings),
        progress_(progress),
        data_(TrainingRuns(dataset, storage_)),
        scores_(data_, settings, progress) {}

  absl::StatusOr<FitReport> Execute() {
    GRAYLING_RETURN_IF_ERROR(CheckRuns(data_));
    if (settings_.networks.empty()) return absl::InvalidArgumentError("no network to fit");
    GRAYLING_RETURN_IF_ERROR(scores_.ScoreAll());
    report_.notes = scores_.notes();
    report_.folds = scores_.folds();
    if (Stopped()) return ReportSoFar();
    const size_t chosen = ChooseNetwork();
    GRAYLING_RETURN_IF_ERROR(ChooseThreshold());
    GRAYLING_RETURN_IF_ERROR(FinalFit(scores_.networks()[chosen]));
    return std::move(report_);
  }

 private:
  bool Stopped() const { return settings_.stop != nullptr && settings_.stop->load(); }

  // The smallest good network, its epochs, and what its networks said out of fold.
  size_t ChooseNetwork() {
    const std::vector<Trial>& trials = scores_.trials();
    std::vector<Quality> qualities;
    std::vector<size_t> checkpoints;
    for (size_t n = 0; n < trials.size(); ++n) {
      std::vector<double> curve;
      for (size_t c = 0; c < trials[n].common_checkpoints(); ++c) {
        curve.push_back(QualityAt(trials[n], c).mean);
      }
      checkpoints.push_back(SteadyMaximum(curve));
      qualities.push_back(QualityAt(trials[n], checkpoints.back()));
      const NetworkSettings& network = scores_.networks()[n];
      report_.trials.push_back({DescribeNetwork(network),
                                CheckpointEpochs(network.epochs)[checkpoints.back()],
                                qualities.back().mean, qualities.back().standard_error});
    }
    const size_t chosen = SmallestWithinOneStandardError(qualities);
    report_.epochs = report_.trials[chosen].epochs;
    report_.network = report_.trials[chosen].network;
    report_.members = settings_.members;
    out_of_fold_ = scores_.Judged(trials[chosen].logits[checkpoints[chosen]], judged_);
    return chosen;
  }

  absl::Status ChooseThreshold() {
    calibration_ = Calibrate(out_of_fold_, settings_.evaluation);
    std::vector<ScoredRun> scores = ToScores(out_of_fold_, calibration_);
    report_.table = ThresholdTable(scores, settings_.evaluation);
    if (settings_.conformal_miss_rate.has_value()) return ChooseConformal(std::move(scores));
    report_.point =
        ChooseOperatingPoint(std::move(scores), settings_.evaluation, settings_.targets);
    return absl::OkStatus();
  }

  absl::Status ChooseConformal(std::vector<ScoredRun> scores) {
    GRAYLING_ASSIGN_OR_RETURN(
        const ConformalThreshold conformal,
        FitConformalThreshold(EventMaxima(scores, settings_.evaluation.detection_grace_s),
                              *settings_.conformal_miss_rate));
    OperatingPoint& point = report_.point;
    point.threshold = conformal.threshold;
    SetAlarms(scores, point.threshold, point.alarm_votes, point.alarm_rows);
    point.evaluation = Evaluate(scores, settings_.evaluation);
    point.meets_targets =
        point.evaluation.false_alarms_per_hour <= settings_.targets.false_alarms_per_hour;
    report_.notes.push_back(absl::StrFormat(
        "conformal threshold: a new event of the kinds seen is missed with probability at most "
        "%.2f (%d calibration events); it promises nothing for new kinds, nor on false alarms",
        conformal.miss_rate, conformal.events));
    return absl::OkStatus();
  }

  absl::Status FinalFit(NetworkSettings network) {
    GRAYLING_ASSIGN_OR_RETURN(
        PreparedInputs prepared,
        PrepareInputs(data_, settings_.selection, settings_.labels, settings_.clean));
    prepared.sequences = VaryLevels(
        ThinSequences(std::move(prepared.sequences), settings_.most_training_rows), settings_);
    network.epochs = report_.epochs;
    std::vector<NetworkWeights> members;
    for (int m = 0; m < settings_.members && (m == 0 || !Stopped()); ++m) {
      NetworkSettings member = network;
      member.seed += static_cast<uint64_t>(m);
      GRAYLING_ASSIGN_OR_RETURN(NetworkWeights weights, TrainMember(prepared, member, m));
      members.push_back(std::move(weights));
    }
    if (Stopped()) report_.notes.push_back("stopped early: the network is not trained to the end");
    report_.members = static_cast<int>(members.size());
    Finish(prepared, AverageOf(members), network);
    return absl::OkStatus();
  }

  absl::StatusOr<NetworkWeights> TrainMember(const PreparedInputs& prepared,
                                             const NetworkSettings& network, int member) const {
    TrainingControl control;
    control.stop = settings_.stop;
    if (!settings_.checkpoint.empty()) {
      control.checkpoint = absl::StrCat(settings_.checkpoint, ".", member + 1);
    }
    const int before = scores_.done() + member * network.epochs;
    const int total = scores_.done() + settings_.members * network.epochs;
    const auto on_epoch = [&](int epoch, double loss, const NetworkWeights&) {
      if (!progress_) return;
      progress_(before + epoch, total,
                absl::StrFormat("all training groups  %d/%d  epoch %d/%d  loss %.3f", member + 1,
                                settings_.members, epoch, network.epochs, loss));
    };
    return TrainNetwork(prepared.sequences, network, on_epoch, control);
  }

  // The network that was being judged when the work was stopped.
  absl::StatusOr<FitReport> ReportSoFar() {
    const FoldScores::SoFar& so_far = scores_.so_far();
    if (so_far.epochs == 0) {
      return absl::CancelledError("stopped before any network was judged; nothing was fitted");
    }
    out_of_fold_ = scores_.Judged(so_far.logits, judged_);
    const NetworkSettings& network = scores_.networks()[so_far.network];
    report_.network = DescribeNetwork(network);
    report_.members = 1;
    report_.folds = 1;
    report_.epochs = so_far.epochs;
    report_.notes.push_back(
        "stopped early: the network saw a part of the training groups only, and the threshold "
        "comes from those it did not see");
    GRAYLING_RETURN_IF_ERROR(ChooseThreshold());
    Finish(so_far.prepared, so_far.weights, network);
    return std::move(report_);
  }

  void Finish(const PreparedInputs& prepared, const NetworkWeights& weights,
              const NetworkSettings& network) {
    report_.inputs = prepared.inputs;
    Model& model = report_.model;
    model = prepared.model;
    model.description = absl::StrCat(report_.network, " on ", data_.name);
    model.network = weights;
    model.network.head_bias += calibration_.bias;
    model.temperature = calibration_.temperature;
    model.threshold = report_.point.threshold;
    model.alarm_votes = report_.point.alarm_votes;
    model.alarm_rows = report_.point.alarm_rows;
    Provenance& origin = model.provenance;
    origin.dataset = data_.name;
    std::set<std::string> groups;
    for (const Run& run : data_.runs) {
      groups.insert(run.group.empty() ? run.id : run.group);
      origin.rows += static_cast<int64_t>(run.time.size());
      origin.events += static_cast<int64_t>(run.windows.size());
    }
    origin.groups.assign(groups.begin(), groups.end());
    origin.runs = static_cast<int64_t>(data_.runs.size());
    origin.seed = network.seed;
    origin.architecture = report_.members == 1
                              ? report_.network
                              : absl::StrCat(report_.members, " x (", report_.network, ")");
    origin.loss = LossName(network.loss.kind);
    const Evaluation& judged = report_.point.evaluation;
    origin.metrics = {{"event_recall", judged.event_recall},
                      {"false_alarms_per_hour", judged.false_alarms_per_hour},
                      {"precision", judged.precision},
                      {"pr_auc", judged.pr_auc}};
  }

  const FitSettings& settings_;
  const FitProgress& progress_;
  Dataset storage_;
  const Dataset& data_;
  FoldScores scores_;
  std::deque<Run> judged_;
  std::vector<OutOfFoldRun> out_of_fold_;
  Calibration calibration_;
  FitReport report_;
};

}  // namespace

absl::StatusOr<FitReport> FitModel(const Dataset& dataset, const FitSettings& settings,
                                   const FitProgress& progress) {
  return Fitting(dataset, settings, progress).Execute();
}

}  // namespace grayling
