#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "absl/types/span.h"
#include "ml/core/evaluation.h"

namespace grayling {

struct NamedEvaluation {
  std::string name;
  Evaluation evaluation;
};

// Tables of fully evaluated detectors on the same runs, for a terminal: what was judged, events,
// rows, and event recall per kind and intensity. Intervals stand in brackets, what is not defined
// is
// "-". Empty when there is none. Pure.
std::string FormatEvaluations(absl::Span<const NamedEvaluation> evaluations);

// Every metric; null where undefined, intervals as [low, high].
nlohmann::ordered_json ToJson(const Evaluation& evaluation);

// [{"name": ..., metrics}].
nlohmann::ordered_json ToJson(absl::Span<const NamedEvaluation> evaluations);

}  // namespace grayling
