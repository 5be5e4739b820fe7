#include "ml/trainer/input_choice.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ml/core/selection_relevance.h"
#include "ml/trainer/input_choice_chance.h"

namespace grayling {
namespace {

constexpr size_t kMostRows = 20000;

struct RowRef {
  const CandidateSequence* sequence;
  Eigen::Index row;
};

std::vector<RowRef> Thinned(const std::vector<RowRef>& rows, size_t most) {
  if (rows.size() <= most) return rows;
  std::vector<RowRef> thinned;
  for (size_t i = 0; i < most; ++i) thinned.push_back(rows[i * rows.size() / most]);
  return thinned;
}

// The F that no candidate reaches by chance: the 99.9 % point of F(1, n), for some hundreds.
constexpr double kLeastF = 11;

bool IsByFRatio(const SelectionSettings& settings) {
  if (settings.relevance) return *settings.relevance == SelectionRelevance::kFRatio;
  return settings.criterion == SelectionCriterion::kFRatioQuotient ||
         settings.criterion == SelectionCriterion::kFRatioDifference;
}

// Divides F by what chance finds for the candidate; leaves out what chance explains.
std::vector<double> RelevanceFactors(const Matrix& values, const std::vector<int>& labels,
                                     const std::vector<double>& chance) {
  std::vector<double> factors;
  std::vector<float> column(labels.size());
  for (Eigen::Index c = 0; c < values.cols(); ++c) {
    Eigen::VectorXf::Map(column.data(), values.rows()) = values.col(c);
    const double by_chance = chance[static_cast<size_t>(c)];
    factors.push_back(FRatio(column, labels) / by_chance < kLeastF ? 0 : 1 / by_chance);
  }
  return factors;
}

std::vector<SelectedFeature> PicksFor(const std::string& kind, const TrainingSet& set,
                                      const ChanceRelevance* chance, SelectionSettings settings) {
  std::vector<RowRef> healthy;
  std::vector<RowRef> faulty;
  for (const CandidateSequence& sequence : set.sequences) {
    for (size_t r = 0; r < sequence.labels.targets.size(); ++r) {
      if (sequence.labels.weights[r] < 1) continue;
      const RowRef row{&sequence, static_cast<Eigen::Index>(r)};
      if (sequence.labels.targets[r] < 0.5F) {
        healthy.push_back(row);
      } else if (sequence.labels.kind[r] == kind) {
        faulty.push_back(row);
      }
    }
  }
  std::vector<RowRef> rows = Thinned(healthy, kMostRows);
  std::vector<int> labels(rows.size(), 0);
  const std::vector<RowRef> positive = Thinned(faulty, kMostRows);
  rows.insert(rows.end(), positive.begin(), positive.end());
  labels.resize(rows.size(), 1);
  Matrix values(static_cast<Eigen::Index>(rows.size()),
                static_cast<Eigen::Index>(set.candidates.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    values.row(static_cast<Eigen::Index>(i)) = rows[i].sequence->features.row(rows[i].row);
  }
  if (chance != nullptr) {
    settings.relevance_factor = RelevanceFactors(values, labels, chance->For(kind));
  }
  return SelectFeatures(values, labels, settings);
}

// The picks for every kind, taken in turn.
std::vector<ChosenInput> InTurn(const TrainingSet& set, const SelectionSettings& settings,
                                const ChanceRelevance* chance) {
  std::set<std::string> kinds;
  for (const CandidateSequence& sequence : set.sequences) {
    for (size_t r = 0; r < sequence.labels.targets.size(); ++r) {
      if (sequence.labels.targets[r] > 0.5F) kinds.insert(sequence.labels.kind[r]);
    }
  }
  std::vector<std::pair<std::string, std::vector<SelectedFeature>>> picks;
  for (const std::string& kind : kinds) {
    picks.emplace_back(kind, PicksFor(kind, set, chance, settings));
  }
  std::vector<ChosenInput> chosen;
  std::set<int> taken;
  for (size_t turn = 0; turn < static_cast<size_t>(settings.count); ++turn) {
    for (const auto& [kind, features] : picks) {
      if (static_cast<int>(chosen.size()) == settings.count) return chosen;
      if (turn >= features.size()) continue;
      const SelectedFeature& pick = features[turn];
      if (!taken.insert(pick.column).second) continue;
      chosen.push_back({pick.column, set.candidates[static_cast<size_t>(pick.column)], kind,
                        pick.relevance, pick.redundancy, pick.score});
    }
  }
  return chosen;
}

}  // namespace

std::vector<ChosenInput> ChooseInputs(const TrainingSet& set, const SelectionSettings& settings) {
  if (IsByFRatio(settings)) {
    const ChanceRelevance chance(set);
    std::vector<ChosenInput> chosen = InTurn(set, settings, &chance);
    if (!chosen.empty()) return chosen;
  }
  return InTurn(set, settings, nullptr);
}

std::vector<TrainingSequence> ChosenSequences(const TrainingSet& set,
                                              const std::vector<ChosenInput>& inputs) {
  std::vector<TrainingSequence> sequences;
  for (const CandidateSequence& candidate : set.sequences) {
    TrainingSequence sequence;
    sequence.inputs.resize(candidate.features.rows(), static_cast<Eigen::Index>(inputs.size()));
    for (size_t i = 0; i < inputs.size(); ++i) {
      sequence.inputs.col(static_cast<Eigen::Index>(i)) =
          candidate.features.col(inputs[i].candidate);
    }
    sequence.targets = candidate.labels.targets;
    sequence.weights = candidate.labels.weights;
    sequences.push_back(std::move(sequence));
  }
  return sequences;
}

}  // namespace grayling
