#include "ml/core/selection.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "ml/core/selection_dependence.h"
#include "ml/core/selection_parallel.h"

namespace grayling {
namespace {

constexpr double kRedundancyFloor = 0.001;
constexpr double kInformationGuard = 0.01;  // Peng's MIQ

struct Candidate {
  size_t column;
  double relevance;
  double redundancy;  // accumulated: only the last pick is compared in each round
  bool copy;
};

double Score(SelectionCriterion criterion, double relevance, double redundancy) {
  switch (criterion) {
    case SelectionCriterion::kMutualInformationDifference:
    case SelectionCriterion::kFRatioDifference:
      return relevance - redundancy;
    case SelectionCriterion::kMutualInformationQuotient:
      return relevance / (redundancy + kInformationGuard);
    case SelectionCriterion::kFRatioQuotient:
    case SelectionCriterion::kForestQuotient:
      break;
  }
  return relevance / std::max(redundancy, kRedundancyFloor);
}

std::vector<Candidate> Relevant(std::vector<double> relevance, const SelectionSettings& settings) {
  for (size_t c = 0; c < std::min(relevance.size(), settings.relevance_factor.size()); ++c) {
    relevance[c] *= settings.relevance_factor[c];
  }
  const double largest = *std::max_element(relevance.begin(), relevance.end());
  std::vector<Candidate> candidates;
  for (size_t c = 0; c < relevance.size(); ++c) {
    if (relevance[c] > 0 && relevance[c] >= settings.least_relevance_share * largest) {
      candidates.push_back({c, relevance[c], 0, false});
    }
  }
  return candidates;
}

std::vector<SelectedFeature> Greedy(const Dependence& dependence,
                                    const SelectionSettings& settings) {
  std::vector<Candidate> candidates = Relevant(dependence.relevance(), settings);
  std::vector<SelectedFeature> picks;
  while (static_cast<int>(picks.size()) < settings.count && !candidates.empty()) {
    const auto picked = static_cast<double>(picks.size());
    if (!picks.empty()) {
      const auto last = static_cast<size_t>(picks.back().column);
      ForEachInParallel(candidates.size(), settings.threads, [&](size_t i) {
        Candidate& candidate = candidates[i];
        const double redundancy = dependence.Redundancy(candidate.column, last);
        candidate.copy = dependence.IsCopy(redundancy, candidate.column);
        candidate.redundancy += redundancy;
      });
      std::erase_if(candidates, [](const Candidate& candidate) { return candidate.copy; });
    }
    auto best = candidates.end();
    double best_score = 0;
    for (auto it = candidates.begin(); it != candidates.end(); ++it) {
      const double score = picks.empty()
                               ? it->relevance
                               : Score(settings.criterion, it->relevance, it->redundancy / picked);
      if (best == candidates.end() || score > best_score) {
        best = it;
        best_score = score;
      }
    }
    if (best == candidates.end()) break;
    picks.push_back({static_cast<int>(best->column), best->relevance,
                     picks.empty() ? 0 : best->redundancy / picked, best_score});
    candidates.erase(best);
  }
  return picks;
}

}  // namespace

std::vector<SelectedFeature> SelectFeatures(const Matrix& values, absl::Span<const int> labels,
                                            const SelectionSettings& settings) {
  const bool one_class =
      std::adjacent_find(labels.begin(), labels.end(), std::not_equal_to<>()) == labels.end();
  if (one_class || values.cols() == 0) return {};
  return Greedy(*Dependence::Create(values, labels, settings), settings);
}

}  // namespace grayling
