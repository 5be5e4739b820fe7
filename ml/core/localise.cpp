#include "ml/core/localise.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ml/core/localise_evidence.h"
#include "ml/core/localise_signal.h"

namespace grayling {
namespace {

constexpr double kLargestScore = 1 - 1e-4;  // keeps -log(1 - score) finite

Family DetectorView(const CallGraph& graph, absl::Span<const ServiceScore> scores) {
  Family view;
  view.raw.assign(graph.services().size(), std::nan(""));
  for (const ServiceScore& score : scores) {
    for (size_t s = 0; s < graph.services().size(); ++s) {
      if (graph.services()[s].name != score.service) continue;
      view.raw[s] = -std::log1p(-std::clamp<double>(score.score, 0, kLargestScore));
    }
  }
  view.excused = view.raw;
  TakeShares(view);
  return view;
}

// How much of a column's movement is left after excuses and shares.
double Weight(const Family& family, size_t service) {
  return family.raw[service] > 0 ? family.evidence[service] / family.raw[service] : 0;
}

template <typename T, typename Key>
void LargestFirst(std::vector<T>& items, Key key) {
  std::stable_sort(items.begin(), items.end(),
                   [&](const T& a, const T& b) { return key(a) > key(b); });
}

class Ranker {
 public:
  Ranker(const Dataset& dataset, const std::vector<Deviation>& deviations,
         absl::Span<const ServiceScore> detector_scores)
      : dataset_(dataset),
        deviations_(deviations),
        graph_(dataset.columns, dataset.edges),
        call_moves_(CallMoves(graph_, dataset.columns, deviations)),
        own_(OwnFamilies(graph_, dataset.columns, deviations, call_moves_)),
        callers_(CallersView(graph_, call_moves_)),
        detector_(DetectorView(graph_, detector_scores)) {}

  std::vector<RankedService> Rank() const {
    std::vector<RankedService> ranking;
    for (size_t s = 0; s < graph_.services().size(); ++s) ranking.push_back(Of(s));
    LargestFirst(ranking, [](const RankedService& service) { return service.score; });
    return ranking;
  }

 private:
  RankedService Of(size_t s) const {
    RankedService ranked;
    ranked.service = graph_.services()[s].name;
    Add("callers' view", callers_, s, ranked);
    for (const auto& [name, family] : own_) Add(name, family, s, ranked);
    Add("detector", detector_, s, ranked);
    double squares = 0;
    for (const FamilyEvidence& family : ranked.families)
      squares += family.evidence * family.evidence;
    ranked.score = std::sqrt(squares);
    LargestFirst(ranked.families, [](const FamilyEvidence& f) { return f.evidence; });
    AddMoves(s, ranked);
    return ranked;
  }

  static void Add(const std::string& name, const Family& family, size_t s, RankedService& ranked) {
    if (family.evidence[s] > 0) ranked.families.push_back({name, family.evidence[s]});
  }

  void AddMoves(size_t s, RankedService& ranked) const {
    for (const size_t c : graph_.services()[s].columns) {
      const auto family = own_.find(SignalFamily(MetricOf(dataset_.columns[c])));
      if (family != own_.end()) AddMove(c, Weight(family->second, s), ranked);
    }
    for (const size_t call : graph_.services()[s].incoming) {
      for (const size_t c : graph_.calls()[call].columns) AddMove(c, Weight(callers_, s), ranked);
    }
    LargestFirst(ranked.moves, [](const ColumnMove& move) { return move.evidence; });
  }

  void AddMove(size_t c, double weight, RankedService& ranked) const {
    const double evidence = weight * BadMove(MetricOf(dataset_.columns[c]), deviations_[c]);
    if (!(evidence > 0)) return;
    ranked.moves.push_back({c, deviations_[c].before, deviations_[c].during, evidence});
  }

  const Dataset& dataset_;
  const std::vector<Deviation>& deviations_;
  const CallGraph graph_;
  const std::vector<double> call_moves_;
  const std::map<std::string, Family> own_;
  const Family callers_;
  const Family detector_;
};

}  // namespace

absl::StatusOr<Localisation> Localise(const Dataset& dataset, const Run& run, double start,
                                      const LocaliseSettings& settings,
                                      absl::Span<const ServiceScore> detector_scores) {
  if (run.values.cols() != static_cast<Eigen::Index>(dataset.columns.size()) ||
      run.values.rows() != static_cast<Eigen::Index>(run.time.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the run \"", run.id, "\" has ", run.values.rows(), " x ", run.values.cols(),
                     " values for ", run.time.size(), " times and ", dataset.columns.size(),
                     " columns; they must agree"));
  }
  const LocaliseRows rows = RowsAround(run, start, dataset.period_s, settings);
  if (rows.begin == rows.end) {
    return absl::OutOfRangeError(
        absl::StrFormat("the run \"%s\" has no row at or after %.3f that belongs to this fault; "
                        "give a start within "
                        "its times",
                        run.id, start));
  }
  const std::vector<Deviation> deviations = Deviations(dataset, run, rows);
  Localisation result{Ranker(dataset, deviations, detector_scores).Rank(), rows.reference.size(),
                      rows.end - rows.begin};
  if (result.ranking.empty()) {
    return absl::InvalidArgumentError(
        "no service to rank: name columns service/metric or caller>callee/metric, or list the "
        "calls under \"edges\" in dataset.json");
  }
  return result;
}

}  // namespace grayling
