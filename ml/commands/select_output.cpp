#include "ml/commands/select_output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace grayling {
namespace {

constexpr int kBarWidth = 40;

// How many folds chose the feature among their first `count`.
int FoldsThatChose(const InputCurve& curve, const std::string& feature, size_t count) {
  int folds = 0;
  for (const std::vector<std::string>& picks : curve.picks) {
    const auto end = picks.begin() + static_cast<std::ptrdiff_t>(std::min(count, picks.size()));
    folds += std::find(picks.begin(), end, feature) != end ? 1 : 0;
  }
  return folds;
}

std::string Bar(const CountQuality& point) {
  const double filled = std::clamp(point.pr_auc, 0.0, 1.0) * kBarWidth;
  const auto column = [&](double value) {
    return static_cast<size_t>(std::clamp(value * kBarWidth, 0.0, kBarWidth - 1.0));
  };
  std::string bar(kBarWidth, ' ');
  for (int i = 0; i < static_cast<int>(filled); ++i) bar[static_cast<size_t>(i)] = '=';
  bar[column(point.pr_auc - point.standard_error)] = '[';
  bar[column(point.pr_auc + point.standard_error)] = ']';
  return bar;
}

std::string Table(const SelectionResult& result) {
  size_t width = 7;
  size_t kind = 10;
  for (const ChosenInput& input : result.inputs) {
    width = std::max(width, input.feature.size());
    kind = std::max(kind, input.kind.size());
  }
  std::string text = absl::StrFormat("%4s | %-*s | %-*s | %10s | %10s | %10s%s\n", "Rank", width,
                                     "Feature", kind, "Picked for", "Score", "Relevance",
                                     "Redundancy", result.curve ? " | Folds" : "");
  for (size_t i = 0; i < result.inputs.size(); ++i) {
    const ChosenInput& input = result.inputs[i];
    absl::StrAppendFormat(&text, "%4d | %-*s | %-*s | %10.4g | %10.4g | %10.3f", i + 1, width,
                          input.feature, kind, input.kind, input.score, input.relevance,
                          input.redundancy);
    if (result.curve) {
      absl::StrAppendFormat(&text, " | %d of %d",
                            FoldsThatChose(*result.curve, input.feature, result.inputs.size()),
                            result.curve->folds);
    }
    text += "\n";
  }
  return text;
}

std::string Plot(const InputCurve& curve) {
  std::string text = absl::StrFormat(
      "Inputs and PR-AUC of a logistic regression on held-out groups, mean +- standard error over "
      "%d folds:\n",
      curve.folds);
  for (size_t i = 0; i < curve.points.size(); ++i) {
    const CountQuality& point = curve.points[i];
    absl::StrAppendFormat(&text, "%4d | %.3f +- %.3f |%s|%s%s\n", point.count, point.pr_auc,
                          point.standard_error, Bar(point), i == curve.best ? " best" : "",
                          i == curve.chosen ? " <- one standard error" : "");
  }
  return text;
}

std::string Reasons(const InputCurve& curve) {
  const CountQuality& best = curve.points[curve.best];
  const CountQuality& chosen = curve.points[curve.chosen];
  std::string text = absl::StrFormat(
      "For fewer: %d inputs are within one standard error (%.3f) of the best mean; every input is "
      "a column that must be there when rows are scored, and one more chance to learn the "
      "recording instead of the faults.\n",
      chosen.count, best.standard_error);
  if (best.count > chosen.count) {
    absl::StrAppendFormat(&text, "For more: %d inputs gain %.3f on average; ", best.count,
                          best.pr_auc - chosen.pr_auc);
  } else {
    absl::StrAppend(&text, "For more: nothing here, the best mean is at this count; ");
  }
  absl::StrAppend(&text,
                  "a recurrent network may use inputs that tell nothing row by row, and fault "
                  "kinds that move few metrics keep an input of their own.\n");
  absl::StrAppendFormat(&text,
                        "Stability: the sets of %d inputs that the folds chose share %.0f %% "
                        "(Jaccard, mean over pairs).%s\n",
                        chosen.count, 100 * curve.stability,
                        curve.stability < 0.5 ? " Below half: many inputs are interchangeable, or "
                                                "there are too few faults to tell them apart."
                                              : "");
  return text;
}

}  // namespace

std::string SelectionText(const SelectionResult& result) {
  std::string text =
      absl::StrFormat("%d of %d candidates by %s (relevance: %s)\n\n", result.inputs.size(),
                      result.candidates, result.criterion, result.relevance);
  absl::StrAppend(&text, Table(result), "\n");
  if (result.curve) {
    absl::StrAppend(&text, Plot(*result.curve), "\n", Reasons(*result.curve));
  } else {
    absl::StrAppend(&text, "No curve: ", result.no_curve, "\n");
  }
  return text;
}

std::string SelectionJson(const SelectionResult& result) {
  nlohmann::ordered_json document = {{"criterion", result.criterion},
                                     {"relevance", result.relevance},
                                     {"candidates", result.candidates},
                                     {"inputs", nlohmann::ordered_json::array()}};
  for (const ChosenInput& input : result.inputs) {
    nlohmann::ordered_json entry = {{"feature", input.feature},
                                    {"picked_for", input.kind},
                                    {"score", input.score},
                                    {"relevance", input.relevance},
                                    {"redundancy", input.redundancy}};
    if (result.curve) {
      entry["folds"] = FoldsThatChose(*result.curve, input.feature, result.inputs.size());
    }
    document["inputs"].push_back(std::move(entry));
  }
  if (!result.curve) {
    document["no_curve"] = result.no_curve;
    return absl::StrCat(document.dump(1), "\n");
  }
  const InputCurve& curve = *result.curve;
  for (const CountQuality& point : curve.points) {
    document["curve"].push_back({{"count", point.count},
                                 {"pr_auc", point.pr_auc},
                                 {"standard_error", point.standard_error}});
  }
  document["folds"] = curve.folds;
  document["best_count"] = curve.points[curve.best].count;
  document["one_standard_error_count"] = curve.points[curve.chosen].count;
  document["stability"] = curve.stability;
  return absl::StrCat(document.dump(1), "\n");
}

}  // namespace grayling
