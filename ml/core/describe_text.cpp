#include "ml/core/describe_text.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace grayling {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPhaseNames[] = {"baseline", "before", "during", "after"};

const char* NameOf(Phase phase) { return kPhaseNames[static_cast<size_t>(phase)]; }

Json NumberOrNull(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

std::string Plural(size_t count, const char* noun) {
  return absl::StrCat(count, " ", noun, count == 1 ? "" : "s");
}

std::string Some(const std::vector<std::string>& names, int top) {
  const size_t shown = std::min(names.size(), static_cast<size_t>(std::max(top, 1)));
  std::string text =
      absl::StrJoin(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", ");
  if (shown < names.size()) absl::StrAppend(&text, ", and ", names.size() - shown, " more");
  return text;
}

std::string Spread(const PhaseSummary& phase) {
  if (phase.rows == 0) return "-";
  return absl::StrFormat("%.4g +- %.2g", phase.median, phase.scale);
}

std::string Delta(const Effect& effect) {
  if (std::isnan(effect.delta)) return "-";
  if (std::isnan(effect.interval.low)) return absl::StrFormat("%+.2f", effect.delta);
  return absl::StrFormat("%+.2f [%+.2f, %+.2f]", effect.delta, effect.interval.low,
                         effect.interval.high);
}

std::string Seconds(double value, int count, int of) {
  if (count == 0) return absl::StrFormat("- (0/%d)", of);
  return absl::StrFormat("%.4g s (%d/%d)", value, count, of);
}

std::string Bound(double p) {
  return std::isnan(p) ? "-" : p < 0.001 ? "<0.001" : absl::StrFormat("%.3f", p);
}

std::string KindTable(const KindDescription& kind, int top) {
  std::string text = absl::StrFormat(
      "\n%s: %s\n%-52s | %-21s | %5s | %-19s | %-19s | %-19s | %7s | %6s | %14s | %14s\n",
      kind.kind.empty() ? "(no label)" : kind.kind,
      Plural(static_cast<size_t>(kind.events), "event"), "Column", "During vs before", "Drift",
      "Before", "During", "After", "vs base", "BH p", "Onset (events)", "Back (onsets)");
  const size_t shown = std::min(kind.columns.size(), static_cast<size_t>(std::max(top, 0)));
  for (size_t i = 0; i < shown; ++i) {
    const ColumnDescription& column = kind.columns[i];
    const Effect& baseline = column.effects[4];
    absl::StrAppendFormat(
        &text, "%-52s | %-21s | %5s | %-19s | %-19s | %-19s | %7s | %6s | %14s | %14s\n",
        column.column, Delta(column.effects[0]),
        std::isnan(column.drift) ? "-" : absl::StrFormat("%+.2f", column.drift),
        Spread(column.phases[1]), Spread(column.phases[2]), Spread(column.phases[3]),
        std::isnan(baseline.delta) ? "-" : absl::StrFormat("%+.2f", baseline.delta),
        Bound(column.effects[0].adjusted_p_value),
        Seconds(column.median_onset_s, column.onsets, column.events),
        Seconds(column.median_recovery_s, column.recoveries, column.onsets));
  }
  if (shown < kind.columns.size()) {
    absl::StrAppendFormat(&text, "(%d more columns; --top shows more, --json all)\n",
                          kind.columns.size() - shown);
  }
  return text;
}

Json ToJson(const PhaseSummary& phase) {
  return {{"rows", phase.rows},
          {"median", NumberOrNull(phase.median)},
          {"scale", NumberOrNull(phase.scale)},
          {"q05", NumberOrNull(phase.q05)},
          {"q25", NumberOrNull(phase.q25)},
          {"q75", NumberOrNull(phase.q75)},
          {"q95", NumberOrNull(phase.q95)}};
}

Json ToJson(const ColumnDescription& column) {
  Json phases = Json::object();
  for (size_t p = 0; p < kPhases; ++p) phases[kPhaseNames[p]] = ToJson(column.phases[p]);
  Json effects = Json::array();
  for (size_t c = 0; c < kComparisons.size(); ++c) {
    const Effect& effect = column.effects[c];
    const bool has_interval = !std::isnan(effect.interval.low);
    effects.push_back(
        {{"left", NameOf(kComparisons[c].left)},
         {"right", NameOf(kComparisons[c].right)},
         {"cliffs_delta", NumberOrNull(effect.delta)},
         {"interval",
          has_interval ? Json::array({effect.interval.low, effect.interval.high}) : Json(nullptr)},
         {"p_value", NumberOrNull(effect.p_value)},
         {"adjusted_p_value", NumberOrNull(effect.adjusted_p_value)}});
  }
  return {{"column", column.column},
          {"events", column.events},
          {"intervals_resample", column.resampled},
          {"phases", std::move(phases)},
          {"effects", std::move(effects)},
          {"drift", NumberOrNull(column.drift)},
          {"shift_in_scales", NumberOrNull(column.shift)},
          {"onsets", column.onsets},
          {"median_onset_s", NumberOrNull(column.median_onset_s)},
          {"recoveries", column.recoveries},
          {"median_recovery_s", NumberOrNull(column.median_recovery_s)}};
}

}  // namespace

std::string FormatReport(const Dataset& dataset, const DatasetReport& report, int top) {
  size_t width = 3;
  for (const RunReport& run : report.runs) width = std::max(width, run.id.size());
  std::string text = absl::StrFormat("%s: %s, %s, a row every %g s\n\n", dataset.name,
                                     Plural(dataset.runs.size(), "run"),
                                     Plural(dataset.columns.size(), "column"), dataset.period_s);
  absl::StrAppendFormat(&text, "%-*s | %-14s | %-5s | %8s | %7s | %7s | %8s | %5s\n",
                        static_cast<int>(width), "Run", "Group", "Split", "Rows", "Windows",
                        "Faulty", "Missing", "Gaps");
  for (const RunReport& run : report.runs) {
    absl::StrAppendFormat(
        &text, "%-*s | %-14s | %-5s | %8d | %7d | %5.1f %% | %6.1f %% | %5d\n",
        static_cast<int>(width), run.id, run.group.empty() ? "-" : run.group,
        run.split.empty() ? "-" : run.split, run.rows, run.windows,
        run.rows > 0 ? 100.0 * static_cast<double>(run.fault_rows) / static_cast<double>(run.rows)
                     : 0.0,
        100 * run.missing_share, run.gaps);
  }
  if (!report.constant_columns.empty()) {
    absl::StrAppend(&text, "\nConstant (", report.constant_columns.size(),
                    "): ", Some(report.constant_columns, top), "\n");
  }
  if (!report.empty_columns.empty()) {
    absl::StrAppend(&text, "\nEmpty (", report.empty_columns.size(),
                    "): ", Some(report.empty_columns, top), "\n");
  }
  if (!report.duplicate_columns.empty()) {
    std::vector<std::string> sets;
    for (const auto& names : report.duplicate_columns) sets.push_back(absl::StrJoin(names, " = "));
    absl::StrAppend(&text, "\nEqual (", Plural(sets.size(), "set"), "): ", Some(sets, top), "\n");
  }
  if (!report.partial_columns.empty()) {
    absl::StrAppend(&text, "\n", Plural(report.partial_columns.size(), "column"),
                    " missing throughout some runs\n");
  }
  for (const std::string& warning : report.warnings) {
    absl::StrAppend(&text, "\nWarning: ", warning, "\n");
  }
  return text;
}

std::string FormatDescription(const Description& description, int top) {
  if (description.kinds.empty())
    return "\nNo window is labelled, so there is nothing to compare.\n";
  const int runs = description.baseline_runs;
  std::string text = absl::StrCat(
      "\nWhat faults do: Cliff's delta (-1 lower .. +1 higher) with 95 % bootstrap intervals over\n"
      "runs or events, median +- robust scale, and when a column left and regained what it was\n"
      "before; ",
      runs == 0
          ? "no run without faults to serve as baseline"
          : absl::StrCat(Plural(static_cast<size_t>(runs), "run"), " without faults as baseline"),
      ". Neighbouring rows resemble each other, so\n"
      "the p values are too small: rank by the effect. Drift is what changes anyway, before a "
      "fault.\n");
  for (const KindDescription& kind : description.kinds) {
    absl::StrAppend(&text, KindTable(kind, top));
  }
  return text;
}

Json ToJson(const DatasetReport& report) {
  Json runs = Json::array();
  for (const RunReport& run : report.runs) {
    runs.push_back({{"run", run.id},
                    {"group", run.group},
                    {"split", run.split},
                    {"entity", run.entity},
                    {"rows", run.rows},
                    {"start", run.start},
                    {"end", run.end},
                    {"windows", run.windows},
                    {"windows_outside", run.windows_outside},
                    {"fault_rows", run.fault_rows},
                    {"missing_share", run.missing_share},
                    {"gaps", run.gaps},
                    {"longest_gap_s", run.longest_gap_s}});
  }
  Json partial = Json::array();
  for (const auto& [column, missing_runs] : report.partial_columns) {
    partial.push_back({{"column", column}, {"missing_in_runs", missing_runs}});
  }
  return {{"runs", std::move(runs)},
          {"constant_columns", report.constant_columns},
          {"empty_columns", report.empty_columns},
          {"duplicate_columns", report.duplicate_columns},
          {"partial_columns", std::move(partial)},
          {"warnings", report.warnings}};
}

Json ToJson(const Description& description, int top) {
  Json kinds = Json::array();
  for (const KindDescription& kind : description.kinds) {
    Json columns = Json::array();
    for (const ColumnDescription& column : kind.columns) {
      if (top > 0 && columns.size() == static_cast<size_t>(top)) break;
      columns.push_back(ToJson(column));
    }
    kinds.push_back(
        {{"kind", kind.kind}, {"events", kind.events}, {"columns", std::move(columns)}});
  }
  return {
      {"baseline_runs", description.baseline_runs},
      {"note",
       "p values treat neighbouring rows as independent and are too small; rank by cliffs_delta"},
      {"kinds", std::move(kinds)}};
}

}  // namespace grayling
