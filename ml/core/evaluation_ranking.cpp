#include "ml/core/evaluation_ranking.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr double kSameStart_s = 1;

struct Ranking {
  double start = 0;
  std::vector<std::string> services;
};
using RankingsPerRun = std::map<std::string, std::vector<Ranking>>;

absl::StatusOr<RankingsPerRun> Parse(absl::string_view text, const std::string& file) {
  RankingsPerRun rankings;
  try {
    const nlohmann::json json = nlohmann::json::parse(text.begin(), text.end());
    for (const nlohmann::json& entry : json) {
      rankings[entry.at("run").get<std::string>()].push_back(
          {entry.at("start").get<double>(), entry.at("ranking").get<std::vector<std::string>>()});
    }
  } catch (const nlohmann::json::exception& error) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, " must be a list of {\"run\", \"start\", \"ranking\": [services]}: ", error.what()));
  }
  return rankings;
}

bool HoldsARow(const Run& run, const LabelWindow& window) {
  const auto first = std::lower_bound(run.time.begin(), run.time.end(), window.start);
  return first != run.time.end() && *first < window.end;
}

size_t RankFor(const LabelWindow& window, const std::vector<Ranking>& rankings) {
  const Ranking* nearest = nullptr;
  for (const Ranking& ranking : rankings) {
    const double distance = std::abs(ranking.start - window.start);
    if (distance > kSameStart_s) continue;
    if (nearest == nullptr || distance < std::abs(nearest->start - window.start)) {
      nearest = &ranking;
    }
  }
  return nearest == nullptr ? 0 : RankOf(window.service, nearest->services);
}

}  // namespace

absl::StatusOr<RankingEvaluation> EvaluateRankings(absl::string_view json, const std::string& file,
                                                   absl::Span<const Run* const> judged) {
  GRAYLING_ASSIGN_OR_RETURN(const RankingsPerRun rankings, Parse(json, file));
  RankingEvaluation evaluation;
  for (const Run* run : judged) {
    const auto found = rankings.find(run->id);
    for (const LabelWindow& window : run->windows) {
      if (window.service.empty() || !HoldsARow(*run, window)) continue;
      const size_t rank = found == rankings.end() ? 0 : RankFor(window, found->second);
      evaluation.all.Add(rank);
      evaluation.per_label[window.label].Add(rank);
    }
  }
  if (evaluation.all.events() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, " cannot be judged: no window of the judged runs names a service"));
  }
  return evaluation;
}

}  // namespace grayling
