#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ml/core/call_graph.h"
#include "ml/report/numbers.h"
#include "ml/report/sections.h"

namespace grayling {
namespace {

constexpr size_t kMostFaults = 500;
constexpr size_t kFaultsUnfolded = 60;
constexpr size_t kSuspectsShown = 3;

std::vector<std::string> NamesOf(const Localisation& found) {
  std::vector<std::string> names;
  for (const RankedService& ranked : found.ranking) names.push_back(ranked.service);
  return names;
}

int ServicesWithValues(const CallGraph& graph, const Run& run) {
  const auto has_values = [&](size_t column) {
    return !run.values.col(static_cast<Eigen::Index>(column)).array().isNaN().all();
  };
  int services = 0;
  for (const CallGraph::Service& service : graph.services()) {
    bool found = std::any_of(service.columns.begin(), service.columns.end(), has_values);
    for (const size_t call : service.incoming) {
      const std::vector<size_t>& columns = graph.calls()[call].columns;
      found = found || std::any_of(columns.begin(), columns.end(), has_values);
    }
    services += found ? 1 : 0;
  }
  return services;
}

// There may be thousands of faults.
void KeepShown(Localisation& found) {
  if (found.ranking.size() > kSuspectsShown) found.ranking.resize(kSuspectsShown);
  for (RankedService& ranked : found.ranking) ranked.moves = {};
}

HtmlTable AccuracyTable(const SuspectedFaults& suspects) {
  HtmlTable table({"Fault", "Events", "AC@1", "AC@3", "AC@5", "Avg@5"});
  const auto add = [&](const std::string& name, const LocalisationAccuracy& accuracy) {
    table.Add({name, absl::StrCat(accuracy.events()), FixedText(accuracy.At(1), 3),
               FixedText(accuracy.At(3), 3), FixedText(accuracy.At(5), 3),
               FixedText(accuracy.Average(), 3)});
  };
  for (const auto& [label, accuracy] : suspects.by_kind) add(KindName(label), accuracy);
  add("all", suspects.all);
  return table;
}

std::string SuspectsText(const Localisation& found) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < std::min(kSuspectsShown, found.ranking.size()); ++i) {
    const RankedService& ranked = found.ranking[i];
    texts.push_back(absl::StrCat(ranked.service, " (", FixedText(ranked.score, 2), ")"));
  }
  return texts.empty() ? "no row to compare" : absl::StrJoin(texts, ", ");
}

std::string EvidenceText(const Localisation& found) {
  if (found.reference_rows == 0) return "nothing before it to compare with";
  if (found.ranking.empty() || found.ranking.front().families.empty()) return kUndefined;
  return found.ranking.front().families.front().family;
}

HtmlTable FaultTable(const SuspectedFaults& suspects) {
  HtmlTable table({"Run", "Start", "Fault", "True service", "First three suspects",
                   "Strongest evidence against the first", "Rank of the true one"},
                  6);
  const size_t shown = std::min(kMostFaults, suspects.faults.size());
  for (size_t i = 0; i < shown; ++i) {
    const SuspectedFault& fault = suspects.faults[i];
    const LabelWindow& window = *fault.window;
    table.Add({fault.run, InstantText(window.start), KindName(window.label),
               window.service.empty() ? kUndefined : window.service, SuspectsText(fault.found),
               EvidenceText(fault.found),
               fault.rank == 0 ? std::string(kUndefined) : absl::StrCat(fault.rank)});
  }
  return table;
}

}  // namespace

SuspectedFaults SuspectServices(const Dataset& dataset) {
  SuspectedFaults suspects;
  const CallGraph graph(dataset.columns, dataset.edges);
  if (graph.services().empty()) {
    suspects.absent = "No column names a service (service/metric), so none can be suspected.";
    return suspects;
  }
  for (const Run& run : dataset.runs) {
    const bool has_choice = run.windows.empty() || ServicesWithValues(graph, run) > 1;
    for (const LabelWindow& window : run.windows) {
      SuspectedFault fault{run.id, &window, 0, {}};
      absl::StatusOr<Localisation> found = Localise(dataset, run, window.start);
      // A fault outside the rows is a miss.
      if (found.ok()) {
        fault.found = *std::move(found);
      } else if (!absl::IsOutOfRange(found.status())) {
        suspects.absent = std::string(found.status().message());
        return suspects;
      }
      if (!window.service.empty()) {
        fault.rank = RankOf(window.service, NamesOf(fault.found));
        suspects.all.Add(fault.rank);
        suspects.without_choice += has_choice ? 0 : 1;
        suspects.by_kind[window.label].Add(fault.rank);
      }
      KeepShown(fault.found);
      suspects.faults.push_back(std::move(fault));
    }
  }
  if (suspects.faults.empty()) suspects.absent = "No fault is labelled, so none can be explained.";
  return suspects;
}

void AddLocalisation(const SuspectedFaults& suspects, HtmlPage& page) {
  page.Section("Which service is to blame");
  if (!suspects.absent.empty()) {
    page.Paragraph(suspects.absent);
    return;
  }
  page.Paragraph(absl::StrCat(
      "Measured on all ", CountText(suspects.faults.size(), "labelled fault"),
      " of all runs, the start of each given. The ranking compares the fault's first rows with the "
      "rows before it; it is fitted on nothing and sees neither label nor service nor any model."));
  if (suspects.all.events() == 0) {
    page.Paragraph("No fault names its true service, so the ranking cannot be judged.");
  } else {
    page.Paragraph(
        "AC@k: share of faults whose true service is among the first k. Avg@5: mean of "
        "AC@1 to AC@5.");
    page.Table(AccuracyTable(suspects));
    if (suspects.without_choice > 0) {
      page.Warning(absl::StrCat("In the runs of ", suspects.without_choice, " of these ",
                                CountText(static_cast<size_t>(suspects.all.events()), "fault"),
                                " only one service has values: no ranking can miss there, so they "
                                "prove nothing."));
    }
  }
  page.BeginFold(absl::StrCat("Fault by fault (", suspects.faults.size(), ")"),
                 suspects.faults.size() <= kFaultsUnfolded);
  page.Table(FaultTable(suspects));
  if (suspects.faults.size() > kMostFaults) {
    page.Paragraph(
        absl::StrCat("The first ", kMostFaults, " are shown; see grayling-ml localize."));
  }
  page.EndFold();
}

}  // namespace grayling
