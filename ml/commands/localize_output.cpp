#include "ml/commands/localize_output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace grayling {
namespace {

constexpr size_t kServicesShown = 5;
constexpr size_t kMovesShown = 4;
constexpr size_t kMovesInJson = 10;

std::vector<std::string> Names(const Localisation& found) {
  std::vector<std::string> names;
  for (const RankedService& ranked : found.ranking) names.push_back(ranked.service);
  return names;
}

std::string SummaryLine(const std::string& name, const LocalisationAccuracy& accuracy) {
  return absl::StrFormat("%-24s | %6d | %5.3f | %5.3f | %5.3f | %5.3f\n", name, accuracy.events(),
                         accuracy.At(1), accuracy.At(3), accuracy.At(5), accuracy.Average());
}

nlohmann::ordered_json AccuracyJson(const LocalisationAccuracy& accuracy) {
  nlohmann::ordered_json json = {{"events", accuracy.events()}};
  if (accuracy.events() == 0) return json;
  for (int k = 1; k <= 5; ++k) json[absl::StrCat("ac@", k)] = accuracy.At(k);
  json["avg@5"] = accuracy.Average();
  return json;
}

nlohmann::ordered_json ServiceJson(const RankedService& ranked, const Dataset& dataset) {
  nlohmann::ordered_json json = {{"service", ranked.service}, {"score", ranked.score}};
  json["families"] = nlohmann::ordered_json::object();
  for (const FamilyEvidence& family : ranked.families)
    json["families"][family.family] = family.evidence;
  json["moves"] = nlohmann::ordered_json::array();
  for (size_t i = 0; i < std::min(kMovesInJson, ranked.moves.size()); ++i) {
    const ColumnMove& move = ranked.moves[i];
    json["moves"].push_back({{"column", dataset.columns[move.column]},
                             {"before", move.before},
                             {"during", move.during},
                             {"evidence", move.evidence}});
  }
  return json;
}

}  // namespace

LocalisationSummary Summarise(const std::vector<LocalisedFault>& faults) {
  LocalisationSummary summary;
  for (const LocalisedFault& fault : faults) {
    if (fault.truth.empty()) continue;
    const size_t rank = RankOf(fault.truth, Names(fault.found));
    summary.all.Add(rank);
    summary.by_label[fault.label].Add(rank);
  }
  return summary;
}

std::string FormatSummary(const LocalisationSummary& summary) {
  if (summary.all.events() == 0) return "No fault names its true service, so there is no AC@k.\n";
  std::string text = absl::StrFormat("%-24s | %6s | %5s | %5s | %5s | %5s\n", "Fault", "Events",
                                     "AC@1", "AC@3", "AC@5", "Avg@5");
  for (const auto& [label, accuracy] : summary.by_label)
    text += SummaryLine(label.empty() ? "(no label)" : label, accuracy);
  return text + SummaryLine("all", summary.all);
}

std::string FormatFaults(const std::vector<LocalisedFault>& faults) {
  std::string text = absl::StrFormat("%-20s | %14s | %-18s | %-24s | %4s | First three\n", "Run",
                                     "Start", "Fault", "True service", "Rank");
  for (const LocalisedFault& fault : faults) {
    std::vector<std::string> names = Names(fault.found);
    const size_t rank = RankOf(fault.truth, names);
    if (names.size() > 3) names.resize(3);
    text += absl::StrFormat("%-20s | %14.3f | %-18s | %-24s | %4s | %s\n", fault.run, fault.start,
                            fault.label, fault.truth.empty() ? "-" : fault.truth,
                            rank == 0 ? "-" : absl::StrCat(rank), absl::StrJoin(names, ", "));
  }
  return text;
}

std::string FormatEvidence(const LocalisedFault& fault, const Dataset& dataset) {
  std::string text =
      absl::StrFormat("%s at %.3f: %d rows of the fault against %d rows before it\n", fault.run,
                      fault.start, fault.found.fault_rows, fault.found.reference_rows);
  if (fault.found.reference_rows == 0) {
    text += "There is nothing before it to compare with, so this is no ranking but a list.\n";
  }
  for (size_t i = 0; i < std::min(kServicesShown, fault.found.ranking.size()); ++i) {
    const RankedService& ranked = fault.found.ranking[i];
    std::vector<std::string> families;
    for (const FamilyEvidence& family : ranked.families) {
      if (family.evidence >= 0.05)
        families.push_back(absl::StrFormat("%s %.1f", family.family, family.evidence));
    }
    text +=
        absl::StrFormat("\n%d. %s  %.2f  %s\n", i + 1, ranked.service, ranked.score,
                        families.empty() ? "(nothing stands out)"
                                         : absl::StrCat("(", absl::StrJoin(families, ", "), ")"));
    for (size_t m = 0; m < std::min(kMovesShown, ranked.moves.size()); ++m) {
      const ColumnMove& move = ranked.moves[m];
      if (move.evidence < 0.05) break;
      text += absl::StrFormat("   %12.6g -> %-12.6g %s\n", move.before, move.during,
                              dataset.columns[move.column]);
    }
  }
  return text;
}

std::string RankingsAsJson(const std::vector<LocalisedFault>& faults) {
  nlohmann::ordered_json document = nlohmann::ordered_json::array();
  for (const LocalisedFault& fault : faults) {
    document.push_back(
        {{"run", fault.run}, {"start", fault.start}, {"ranking", Names(fault.found)}});
  }
  return document.dump(1) + "\n";
}

std::string ReportAsJson(const std::vector<LocalisedFault>& faults,
                         const LocalisationSummary& summary, const Dataset& dataset) {
  nlohmann::ordered_json document;
  document["accuracy"] = AccuracyJson(summary.all);
  document["accuracy"]["by_label"] = nlohmann::ordered_json::object();
  for (const auto& [label, accuracy] : summary.by_label)
    document["accuracy"]["by_label"][label] = AccuracyJson(accuracy);
  document["faults"] = nlohmann::ordered_json::array();
  for (const LocalisedFault& fault : faults) {
    nlohmann::ordered_json entry = {{"run", fault.run},
                                    {"start", fault.start},
                                    {"label", fault.label},
                                    {"service", fault.truth},
                                    {"reference_rows", fault.found.reference_rows},
                                    {"fault_rows", fault.found.fault_rows}};
    entry["ranking"] = nlohmann::ordered_json::array();
    for (const RankedService& ranked : fault.found.ranking)
      entry["ranking"].push_back(ServiceJson(ranked, dataset));
    document["faults"].push_back(std::move(entry));
  }
  return document.dump(1) + "\n";
}

}  // namespace grayling
