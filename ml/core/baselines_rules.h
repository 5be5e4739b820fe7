#pragma once

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/dataset.h"
#include "ml/core/evaluation.h"
#include "ml/core/evaluation_text.h"

namespace grayling {

struct RuleEvaluations {
  std::vector<NamedEvaluation> rules;
  std::vector<std::string> remarks;  // sentences on how they were fitted
};

// What every detector must beat, on the runs of `judged` (of `dataset`): always alarm, the latency
// of the clients over its 99th percentile where a column tells it, any column over its 99.9th
// percentile, and the largest robust z. Fitted on the fault-free rows of runs with split "train"
// (of the judged run's entity where it has some); in a data set without split on other groups (of
// the same entity, in at most five folds); where there is none on the judged run itself, which a
// remark says. Without a fault-free row to fit on a rule never alarms. Pure.
RuleEvaluations EvaluateSimpleRules(const Dataset& dataset, absl::Span<const ScoredRun> judged,
                                    const FullEvaluationSettings& settings);

}  // namespace grayling
