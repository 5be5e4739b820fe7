#include "ml/trainer/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/baselines.h"
#include "ml/core/features.h"
#include "ml/trainer/compare_detectors.h"
#include "ml/trainer/crossval_folds.h"
#include "ml/trainer/math_threads.h"

namespace grayling {
namespace {

constexpr float kUnscored = std::numeric_limits<float>::quiet_NaN();

// Logits of every row of every run; NaN where no fold could tell.
using Logits = std::vector<std::vector<float>>;

struct DetectorTrial {
  ComparedDetector detector;
  std::vector<Logits> per_seed;
  int64_t parameters = 0;
  std::vector<double> epoch_s;
  std::vector<double> row_us;
};

Dataset RunsToCompare(const Dataset& dataset, std::vector<std::string>& notes) {
  const auto is_training = [](const Run& run) { return run.split == "train"; };
  const bool has_split = std::any_of(dataset.runs.begin(), dataset.runs.end(),
                                     [](const Run& run) { return !run.split.empty(); });
  const bool has_faults =
      std::any_of(dataset.runs.begin(), dataset.runs.end(),
                  [&](const Run& run) { return is_training(run) && !run.windows.empty(); });
  if (!has_split) return dataset;
  if (!has_faults) {
    notes.emplace_back("no training run has a fault window, so the test runs take part as well");
    return dataset;
  }
  Dataset training = dataset;
  std::erase_if(training.runs, [&](const Run& run) { return !is_training(run); });
  return training;
}

double Mean(const std::vector<double>& values) { return SpreadOf(values).mean; }

class Comparison {
 public:
  Comparison(const Dataset& dataset, const CompareSettings& settings, const FitProgress& progress)
      : settings_(settings), progress_(progress), data_(RunsToCompare(dataset, result_.notes)) {}

  absl::StatusOr<CompareResult> Execute() {
    GRAYLING_ASSIGN_OR_RETURN(plan_,
                              PlanFolds(data_, HoldOut::kGroup, settings_.fit.labels.recovery_s,
                                        static_cast<size_t>(settings_.fit.most_folds)));
    if (!plan_.note.empty()) result_.notes.push_back(plan_.note);
    NetworkSettings base = settings_.network;
    base.epochs = EpochsWithinBounds();
    const size_t compared = AddTrials(DetectorsToCompare(base));
    if (settings_.ablate) AddTrials(LossesToCompare(base));
    RunFolds();
    if (scored_folds_ == 0) return failure_;
    result_.folds = scored_folds_;
    result_.budget = settings_.fit.targets.false_alarms_per_hour;
    for (size_t t = 0; t < compared; ++t) result_.rows.push_back(RowOf(trials_[t]));
    result_.rows.push_back(AlwaysAlarmRow());
    for (size_t t = compared; t < trials_.size(); ++t) {
      result_.ablation.push_back(AblationOf(trials_[t]));
    }
    return std::move(result_);
  }

 private:
  size_t AddTrials(std::vector<ComparedDetector> detectors) {
    Logits unscored;
    for (const Run& run : data_.runs) unscored.emplace_back(run.time.size(), kUnscored);
    for (ComparedDetector& detector : detectors) {
      DetectorTrial& trial = trials_.emplace_back();
      const bool random = detector.kind != ComparedDetector::Kind::kPca;
      trial.per_seed.assign(random ? static_cast<size_t>(settings_.seeds) : 1, unscored);
      trainings_ += static_cast<int>(trial.per_seed.size() * plan_.names.size());
      trial.detector = std::move(detector);
    }
    return trials_.size();
  }

  int EpochsWithinBounds() {
    size_t rows = 0;
    for (const Run& run : data_.runs) rows += run.time.size();
    rows *= std::max<size_t>(1, ServicesOf(data_.columns).size());
    rows = std::min(rows, settings_.fit.most_training_rows);
    const NetworkSettings& network = settings_.network;
    const auto crops = static_cast<size_t>(network.batch) * static_cast<size_t>(network.crop_rows);
    const int steps = std::max(network.least_steps, static_cast<int>(rows / crops));
    const int epochs = std::min(network.epochs, std::max(4, settings_.fit.most_steps / steps));
    if (epochs < network.epochs) {
      result_.notes.push_back(absl::StrCat("the data is large: every network has ", epochs,
                                           " epochs of ", steps, " steps"));
    }
    return epochs;
  }

  void RunFolds() {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    const int wanted = settings_.threads > 0 ? settings_.threads : std::max(1, cores);
    const auto workers = std::min(static_cast<size_t>(wanted), plan_.names.size());
    std::vector<std::jthread> threads;
    for (size_t w = 0; w < workers; ++w) {
      threads.emplace_back([this] {
        UseOneMathThread();
        for (size_t fold = NextFold(); fold < plan_.names.size(); fold = NextFold()) {
          const absl::Status scored = ScoreFold(static_cast<int>(fold));
          const std::scoped_lock lock(mutex_);
          if (scored.ok()) {
            ++scored_folds_;
          } else {
            failure_ = scored;
            result_.notes.push_back(
                absl::StrCat("without ", plan_.names[fold], ": ", scored.message()));
          }
        }
      });
    }
  }

  size_t NextFold() {
    const std::scoped_lock lock(mutex_);
    return next_fold_++;
  }

  absl::Status ScoreFold(int fold) {
    FoldInputs inputs;
    inputs.part = TrainingPart(data_, plan_, fold);
    GRAYLING_ASSIGN_OR_RETURN(
        inputs.prepared, PrepareInputs(inputs.part, settings_.fit.selection, settings_.fit.labels,
                                       settings_.fit.clean));
    inputs.prepared.sequences =
        ThinSequences(std::move(inputs.prepared.sequences), settings_.fit.most_training_rows);
    inputs.columns = &data_.columns;
    std::vector<size_t> runs;
    for (size_t i = 0; i < data_.runs.size(); ++i) {
      const std::vector<int>& folds = plan_.fold_of_row[i];
      if (std::find(folds.begin(), folds.end(), fold) == folds.end()) continue;
      runs.push_back(i);
      inputs.held_out.push_back(&data_.runs[i]);
      GRAYLING_ASSIGN_OR_RETURN(inputs.streams.emplace_back(),
                                StreamsOf(inputs.prepared.model, data_.runs[i], data_.columns));
    }
    for (DetectorTrial& trial : trials_) {
      for (size_t seed = 0; seed < trial.per_seed.size(); ++seed) {
        ComparedDetector detector = trial.detector;
        detector.network.seed += seed;
        GRAYLING_ASSIGN_OR_RETURN(const DetectorScores scores, TrainAndScore(detector, inputs));
        Keep(fold, runs, scores, seed, trial);
      }
    }
    return absl::OkStatus();
  }

  void Keep(int fold, const std::vector<size_t>& runs, const DetectorScores& scores, size_t seed,
            DetectorTrial& trial) {
    const std::scoped_lock lock(mutex_);
    trial.parameters = std::max(trial.parameters, scores.parameters);
    trial.epoch_s.push_back(scores.epoch_s);
    trial.row_us.push_back(scores.row_us);
    for (size_t i = 0; i < runs.size(); ++i) {
      for (size_t r = 0; r < scores.logits[i].size(); ++r) {
        if (plan_.fold_of_row[runs[i]][r] == fold) {
          trial.per_seed[seed][runs[i]][r] = scores.logits[i][r];
        }
      }
    }
    ++done_;
    if (progress_) {
      progress_(
          done_, trainings_,
          absl::StrCat("fold ", fold + 1, "/", plan_.names.size(), "  ", trial.detector.name));
    }
  }

  // Only the rows that have a score; `storage` holds the runs and outlives the result.
  std::vector<ScoredRun> Scored(const Logits& logits, bool as_probability,
                                std::vector<Run>& storage) const {
    std::vector<ScoredRun> scored;
    storage.reserve(data_.runs.size());
    for (size_t i = 0; i < logits.size(); ++i) {
      const Run& run = data_.runs[i];
      Run rows;
      ScoredRun scores;
      for (size_t r = 0; r < logits[i].size(); ++r) {
        if (!std::isfinite(logits[i][r])) continue;
        rows.time.push_back(run.time[r]);
        scores.scores.push_back(as_probability ? 1 / (1 + std::exp(-logits[i][r])) : logits[i][r]);
      }
      if (rows.time.empty()) continue;
      rows.id = run.id;
      rows.group = run.group;
      rows.windows = run.windows;
      storage.push_back(std::move(rows));
      scores.alarms.assign(scores.scores.size(), false);
      scored.push_back(std::move(scores));
    }
    for (size_t i = 0; i < scored.size(); ++i) scored[i].run = &storage[i];
    return scored;
  }

  CompareRow RowOf(const DetectorTrial& trial) {
    CompareRow row;
    row.name = trial.detector.name;
    row.parameters = trial.parameters;
    row.epoch_s = Mean(trial.epoch_s);
    row.row_us = Mean(trial.row_us);
    std::vector<double> delays;
    const auto seeds = static_cast<double>(trial.per_seed.size());
    for (const Logits& logits : trial.per_seed) {
      std::vector<Run> storage;
      const std::vector<ScoredRun> scored = Scored(logits, false, storage);
      const Evaluation evaluation = Evaluate(scored, settings_.fit.evaluation);
      result_.events = std::max(result_.events, evaluation.events);
      row.pr_auc.push_back(evaluation.pr_auc);
      BudgetPoint point = RecallAtBudget(scored, settings_.fit.evaluation, result_.budget);
      if (scored.empty()) {
        point.event_recall = point.false_alarms_per_hour = std::numeric_limits<double>::quiet_NaN();
      }
      row.event_recall += point.event_recall / seeds;
      row.false_alarms_per_hour += point.false_alarms_per_hour / seeds;
      row.false_row_share += point.false_row_share / seeds;
      if (!std::isnan(point.median_delay_s)) delays.push_back(point.median_delay_s);
    }
    row.median_delay_s = delays.empty() ? std::numeric_limits<double>::quiet_NaN() : Mean(delays);
    return row;
  }

  CompareRow AlwaysAlarmRow() const {
    CompareRow row;
    row.name = "always alarm";
    std::vector<Run> storage;
    std::vector<ScoredRun> scored = Scored(trials_[0].per_seed[0], false, storage);
    for (ScoredRun& run : scored) run = AlwaysAlarm(*run.run);
    row.pr_auc = {Evaluate(scored, settings_.fit.evaluation).pr_auc};
    const BudgetPoint point = JudgeAlarms(scored, settings_.fit.evaluation);
    row.event_recall = point.event_recall;
    row.false_alarms_per_hour = point.false_alarms_per_hour;
    row.false_row_share = point.false_row_share;
    row.median_delay_s = point.median_delay_s;
    return row;
  }

  AblationRow AblationOf(const DetectorTrial& trial) {
    AblationRow row;
    row.loss = trial.detector.name;
    row.positive_weight_cap = trial.detector.network.positive_weight_cap;
    const CompareRow compared = RowOf(trial);
    row.pr_auc = SpreadOf(compared.pr_auc);
    row.at_budget.event_recall = compared.event_recall;
    row.at_budget.false_alarms_per_hour = compared.false_alarms_per_hour;
    std::vector<double> thresholds;
    for (int i = 1; i < 20; ++i) thresholds.push_back(0.05 * i);
    std::vector<Run> storage;
    const std::vector<ScoredRun> scored = Scored(trial.per_seed[0], true, storage);
    const auto table = TabulateThresholds(scored, thresholds, settings_.fit.evaluation);
    row.at_half = table[9];
    row.best = *std::max_element(table.begin(), table.end(),
                                 [](const auto& a, const auto& b) { return a.f1 < b.f1; });
    return row;
  }

  const CompareSettings& settings_;
  const FitProgress& progress_;
  CompareResult result_;
  const Dataset data_;
  FoldPlan plan_;
  std::vector<DetectorTrial> trials_;

  std::mutex mutex_;  // guards what follows, the trials and the notes while folds run
  size_t next_fold_ = 0;
  int scored_folds_ = 0;
  int trainings_ = 0;
  int done_ = 0;
  absl::Status failure_;
};

}  // namespace

absl::StatusOr<CompareResult> CompareDetectors(const Dataset& dataset,
                                               const CompareSettings& settings,
                                               const FitProgress& progress) {
  return Comparison(dataset, settings, progress).Execute();
}

}  // namespace grayling
