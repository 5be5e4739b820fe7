#include "ml/trainer/network_validation.h"

#include <limits>

#include "ml/core/evaluation_parts.h"
#include "ml/core/network_stepper.h"

namespace grayling {

double ValidationPrAuc(const NetworkWeights& weights,
                       absl::Span<const TrainingSequence> sequences) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  if (sequences.empty()) return kUndefined;
  const auto features = static_cast<size_t>(sequences[0].inputs.cols());
  const auto stepper = NetworkStepper::Create(weights, static_cast<int>(features), 1);
  if (!stepper.ok()) return kUndefined;
  std::vector<ScoredRow> rows;
  for (const TrainingSequence& sequence : sequences) {
    (*stepper)->Reset();
    for (size_t r = 0; r < sequence.targets.size(); ++r) {
      const float logit = (*stepper)->Step(0, {sequence.inputs.data() + r * features, features});
      if (sequence.weights[r] > 0) rows.push_back({logit, sequence.targets[r] > 0.5F, 0});
    }
  }
  SortByScore(rows);
  return AveragePrecision(rows);
}

}  // namespace grayling
