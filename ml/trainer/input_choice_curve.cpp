#include "ml/trainer/input_choice_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "ml/core/evaluation.h"
#include "ml/core/features.h"
#include "ml/core/retarget.h"
#include "ml/core/selection_logistic.h"
#include "ml/trainer/crossval_folds.h"

namespace grayling {
namespace {

constexpr size_t kMostFolds = 5;
constexpr size_t kMostRows = 8000;  // of each class, for one regression
constexpr float kLowest = std::numeric_limits<float>::lowest();

std::vector<int> Counts(int most) {
  std::vector<int> counts;
  for (const int count : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128}) {
    if (count < most) counts.push_back(count);
  }
  counts.push_back(most);
  return counts;
}

// The rows that count, thinned evenly, with their chosen features.
struct Table {
  Matrix values;
  std::vector<int> labels;
};

Table Gather(const std::vector<TrainingSequence>& sequences) {
  struct Row {
    const TrainingSequence* sequence;
    Eigen::Index row;
  };
  std::vector<Row> sides[2];
  for (const TrainingSequence& sequence : sequences) {
    for (size_t r = 0; r < sequence.targets.size(); ++r) {
      if (sequence.weights[r] < 1) continue;
      sides[sequence.targets[r] > 0.5F ? 1 : 0].push_back(
          {&sequence, static_cast<Eigen::Index>(r)});
    }
  }
  Table table;
  const size_t healthy = std::min(sides[0].size(), kMostRows);
  const size_t faulty = std::min(sides[1].size(), kMostRows);
  const Eigen::Index columns = sequences.empty() ? 0 : sequences[0].inputs.cols();
  table.values.resize(static_cast<Eigen::Index>(healthy + faulty), columns);
  for (const int side : {0, 1}) {
    const size_t take = side == 0 ? healthy : faulty;
    for (size_t i = 0; i < take; ++i) {
      const Row& row = sides[side][i * sides[side].size() / take];
      table.values.row(static_cast<Eigen::Index>(table.labels.size())) =
          row.sequence->inputs.row(row.row);
      table.labels.push_back(side);
    }
  }
  return table;
}

// The inputs that one fold chose, and the scales under which it did.
struct Choice {
  Model model;  // all but the network
  std::vector<std::string> names;
  Table table;
};

absl::StatusOr<Choice> ChooseIn(const Dataset& part, const SelectionSettings& settings,
                                const LabelSettings& labels) {
  std::vector<const Run*> runs;
  for (const Run& run : part.runs) runs.push_back(&run);
  GRAYLING_ASSIGN_OR_RETURN(const TrainingSet set, BuildTrainingSet(part.columns, runs, labels));
  const std::vector<ChosenInput> inputs = ChooseInputs(set, settings);
  Choice choice;
  choice.table = Gather(ChosenSequences(set, inputs));
  for (const ChosenInput& input : inputs) choice.names.push_back(input.feature);
  choice.model.services = set.services;
  choice.model.features = choice.names;
  choice.model.input_columns = ColumnsFor(choice.names, set.columns, set.services);
  std::map<std::string, ColumnScale> scales;
  for (size_t c = 0; c < set.columns.size(); ++c) scales[set.columns[c]] = set.scales[c];
  for (const std::string& column : choice.model.input_columns) {
    choice.model.scales.push_back(scales[column]);
  }
  return choice;
}

// The rows of one run that a fold scores, as a run of their own; and, for each regression, the
// scores there.
struct Held {
  Run run;
  std::vector<std::vector<float>> scores;  // regressions x rows
};

absl::StatusOr<Held> ScoreRun(const Dataset& dataset, const FoldPlan& plan, size_t run_index,
                              int fold, const Choice& choice,
                              const std::vector<LogisticModel>& regressions) {
  const Run& run = dataset.runs[run_index];
  std::map<std::string, Eigen::Index> index;
  for (size_t c = 0; c < dataset.columns.size(); ++c) {
    index[dataset.columns[c]] = static_cast<Eigen::Index>(c);
  }
  const Model model = Retarget(choice.model, dataset.columns);
  std::vector<Eigen::Index> positions;
  for (const std::string& column : model.input_columns) {
    const auto entry = index.find(column);
    positions.push_back(entry == index.end() ? -1 : entry->second);
  }
  GRAYLING_ASSIGN_OR_RETURN(FeatureBank bank, FeatureBank::Create(model.input_columns, model.scales,
                                                                  model.services, model.features));
  Held held{{}, std::vector<std::vector<float>>(regressions.size())};
  for (size_t w = 0; w < run.windows.size(); ++w) {
    if (plan.fold_of_window[run_index][w] == fold) held.run.windows.push_back(run.windows[w]);
  }
  std::vector<float> row(model.input_columns.size());
  for (Eigen::Index r = 0; r < run.values.rows(); ++r) {
    for (size_t c = 0; c < row.size(); ++c) {
      row[c] =
          positions[c] < 0 ? std::numeric_limits<float>::quiet_NaN() : run.values(r, positions[c]);
    }
    bank.Step(row);
    if (plan.fold_of_row[run_index][static_cast<size_t>(r)] != fold) continue;
    held.run.time.push_back(run.time[static_cast<size_t>(r)]);
    for (size_t i = 0; i < regressions.size(); ++i) {
      const Eigen::Index k = regressions[i].weights.size();
      float score = kLowest;
      for (int s = 0; s < bank.streams(); ++s) {
        if (!bank.present(s)) continue;
        score = std::max(
            score, regressions[i].Logit(bank.output().row(static_cast<Eigen::Index>(s)).head(k)));
      }
      held.scores[i].push_back(score);
    }
  }
  return held;
}

double Jaccard(const std::vector<std::string>& a, const std::vector<std::string>& b, size_t count) {
  const std::set<std::string> first(
      a.begin(), a.begin() + static_cast<std::ptrdiff_t>(std::min(count, a.size())));
  std::set<std::string> all = first;
  double shared = 0;
  for (size_t i = 0; i < std::min(count, b.size()); ++i) {
    shared += first.contains(b[i]) ? 1 : 0;
    all.insert(b[i]);
  }
  return all.empty() ? 1 : shared / static_cast<double>(all.size());
}

class CurveMaker {
 public:
  CurveMaker(const Dataset& dataset, const SelectionSettings& settings, const LabelSettings& labels)
      : dataset_(dataset), settings_(settings), labels_(labels), counts_(Counts(settings.count)) {}

  absl::StatusOr<InputCurve> Make() {
    GRAYLING_ASSIGN_OR_RETURN(plan_,
                              PlanFolds(dataset_, HoldOut::kGroup, labels_.recovery_s, kMostFolds));
    for (size_t f = 0; f < plan_.names.size(); ++f) {
      GRAYLING_RETURN_IF_ERROR(JudgeFold(static_cast<int>(f)));
    }
    if (folds_.empty()) {
      return absl::InvalidArgumentError(
          "no group can be judged by inputs chosen on the others: faults must be in at least two "
          "groups, or at least twice in one");
    }
    Summarize();
    return std::move(curve_);
  }

 private:
  absl::Status JudgeFold(int fold) {
    const Dataset part = TrainingPart(dataset_, plan_, fold);
    GRAYLING_ASSIGN_OR_RETURN(Choice choice, ChooseIn(part, settings_, labels_));
    if (choice.names.empty()) return absl::OkStatus();
    std::vector<LogisticModel> regressions;
    for (const int count : counts_) {
      const Eigen::Index k = std::min<Eigen::Index>(count, choice.table.values.cols());
      regressions.push_back(FitLogistic(choice.table.values.leftCols(k), choice.table.labels));
    }
    std::vector<Held> held;
    for (size_t r = 0; r < dataset_.runs.size(); ++r) {
      GRAYLING_ASSIGN_OR_RETURN(Held part_of_run,
                                ScoreRun(dataset_, plan_, r, fold, choice, regressions));
      if (!part_of_run.run.time.empty()) held.push_back(std::move(part_of_run));
    }
    std::vector<double> quality;
    for (size_t i = 0; i < counts_.size(); ++i) {
      std::vector<ScoredRun> scored;
      for (const Held& run : held) {
        scored.push_back({&run.run, run.scores[i], std::vector<bool>(run.run.time.size())});
      }
      quality.push_back(Evaluate(scored, DefaultEvaluation(dataset_.period_s)).pr_auc);
    }
    if (!std::isfinite(quality.front())) return absl::OkStatus();  // nothing to find in this fold
    folds_.push_back(std::move(quality));
    curve_.picks.push_back(std::move(choice.names));
    return absl::OkStatus();
  }

  void Summarize() {
    const auto n = static_cast<double>(folds_.size());
    curve_.folds = static_cast<int>(folds_.size());
    for (size_t i = 0; i < counts_.size(); ++i) {
      double mean = 0;
      double squares = 0;
      for (const std::vector<double>& fold : folds_) mean += fold[i] / n;
      for (const std::vector<double>& fold : folds_) squares += (fold[i] - mean) * (fold[i] - mean);
      const double error = n > 1 ? std::sqrt(squares / (n - 1) / n) : 0;
      curve_.points.push_back({counts_[i], mean, error});
      if (mean > curve_.points[curve_.best].pr_auc) curve_.best = i;
    }
    const CountQuality& best = curve_.points[curve_.best];
    while (curve_.points[curve_.chosen].pr_auc < best.pr_auc - best.standard_error) {
      ++curve_.chosen;
    }
    const auto count = static_cast<size_t>(curve_.points[curve_.chosen].count);
    double pairs = 0;
    double sum = 0;
    for (size_t a = 0; a < curve_.picks.size(); ++a) {
      for (size_t b = 0; b < a; ++b) {
        sum += Jaccard(curve_.picks[a], curve_.picks[b], count);
        pairs += 1;
      }
    }
    curve_.stability = pairs > 0 ? sum / pairs : 1;
  }

  const Dataset& dataset_;
  const SelectionSettings& settings_;
  const LabelSettings& labels_;
  const std::vector<int> counts_;
  FoldPlan plan_;
  std::vector<std::vector<double>> folds_;  // folds x counts
  InputCurve curve_;
};

}  // namespace

absl::StatusOr<InputCurve> CurveOverCounts(const Dataset& dataset,
                                           const SelectionSettings& settings,
                                           const LabelSettings& labels) {
  return CurveMaker(dataset, settings, labels).Make();
}

}  // namespace grayling
