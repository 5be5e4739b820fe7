#include "ml/core/baselines_rules.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "ml/core/baselines.h"
#include "ml/core/dataset_split.h"

namespace grayling {
namespace {

constexpr size_t kMostFolds = 5;

const std::string& GroupOf(const Run& run) { return run.group.empty() ? run.id : run.group; }

// Runs to fit a rule on. Runs with the same key have the same.
struct Training {
  std::string key;
  std::vector<const Run*> runs;
};

class TrainingChoice {
 public:
  explicit TrainingChoice(const Dataset& dataset) : dataset_(dataset) {
    for (const Run& run : dataset.runs) has_split_ = has_split_ || run.split == "train";
    const std::vector<std::string> groups = GroupsOf(dataset);
    const size_t folds = std::min(groups.size(), kMostFolds);
    for (size_t g = 0; g < groups.size(); ++g) fold_of_group_[groups[g]] = g % folds;
  }

  Training For(const Run& run) {
    Training training = has_split_ ? Marked(run) : OfOtherGroups(run);
    if (training.runs.empty()) {
      fits_on_judged_ = true;
      training = {absl::StrCat("run ", run.id), {&run}};
    } else if (!has_split_) {
      fits_on_groups_ = true;
    }
    return training;
  }

  std::vector<std::string> Remarks() const {
    std::vector<std::string> remarks;
    if (fits_on_groups_) {
      remarks.push_back(
          "No run has split \"train\": the simple rules were fitted on other groups than the ones "
          "they are judged on.");
    }
    if (fits_on_judged_) {
      remarks.push_back(
          "Some runs have no other run to fit a simple rule on: there the rules were fitted on the "
          "fault-free rows that they are judged by, which flatters them.");
    }
    return remarks;
  }

 private:
  Training Marked(const Run& run) const {
    Training own{absl::StrCat("entity ", run.entity), {}};
    Training all{"all", {}};
    for (const Run& other : dataset_.runs) {
      if (other.split != "train") continue;
      all.runs.push_back(&other);
      if (!run.entity.empty() && other.entity == run.entity) own.runs.push_back(&other);
    }
    return own.runs.empty() ? all : own;
  }

  Training OfOtherGroups(const Run& run) const {
    const size_t fold = fold_of_group_.at(GroupOf(run));
    Training training{absl::StrCat("fold ", fold, " ", run.entity), {}};
    for (const Run& other : dataset_.runs) {
      if (fold_of_group_.at(GroupOf(other)) != fold && other.entity == run.entity) {
        training.runs.push_back(&other);
      }
    }
    return training;
  }

  const Dataset& dataset_;
  bool has_split_ = false;
  std::map<std::string, size_t> fold_of_group_;
  bool fits_on_groups_ = false;
  bool fits_on_judged_ = false;
};

// Scores every row 0.
UsualColumns NothingUsual(const Dataset& dataset) {
  UsualColumns usual;
  usual.columns.resize(dataset.columns.size());
  return usual;
}

}  // namespace

RuleEvaluations EvaluateSimpleRules(const Dataset& dataset, absl::Span<const ScoredRun> judged,
                                    const FullEvaluationSettings& settings) {
  const double recovery_s = settings.base.recovery_s;
  const absl::StatusOr<size_t> latency = ClientLatencyColumn(dataset.columns);
  TrainingChoice choice(dataset);
  std::map<std::string, UsualColumns> fitted;
  std::vector<ScoredRun> always, by_limits, by_z, by_latency;
  for (const ScoredRun& scored : judged) {
    const Run& run = *scored.run;
    const Training training = choice.For(run);
    auto usual = fitted.find(training.key);
    if (usual == fitted.end()) {
      const absl::StatusOr<UsualColumns> fit = FitUsualColumns(training.runs, recovery_s);
      usual = fitted.emplace(training.key, fit.ok() ? *fit : NothingUsual(dataset)).first;
    }
    always.push_back(AlwaysAlarm(run));
    by_limits.push_back(ScoreByLimits(run, usual->second));
    by_z.push_back(ScoreByLargestZ(run, usual->second));
    if (!latency.ok()) continue;
    const absl::StatusOr<LatencyRule> rule = FitLatencyRule(training.runs, *latency, recovery_s);
    if (rule.ok()) by_latency.push_back(ScoreByLatency(run, *rule));
  }
  RuleEvaluations result;
  result.rules.push_back({"always alarm", EvaluateFully(always, settings)});
  if (!by_latency.empty() && by_latency.size() == judged.size()) {
    result.rules.push_back({"client p99 > its p99", EvaluateFully(by_latency, settings)});
  }
  result.rules.push_back({"a column > its p99.9", EvaluateFully(by_limits, settings)});
  result.rules.push_back({"largest robust z", EvaluateFully(by_z, settings)});
  result.remarks = choice.Remarks();
  return result;
}

}  // namespace grayling
