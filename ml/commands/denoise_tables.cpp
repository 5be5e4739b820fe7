#include "ml/commands/denoise_tables.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace grayling {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kStabilityRows = 40;

double Share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::string Dump(const Json& document) { return absl::StrCat(document.dump(1), "\n"); }

std::string FaultShares(const char* verb, int64_t inside, int64_t rows_inside, int64_t outside,
                        int64_t rows_outside) {
  if (rows_inside == 0) return "";
  return absl::StrFormat("Values %s inside fault windows: %.3f %%; in fault-free rows: %.3f %%\n",
                         verb, 100 * Share(inside, rows_inside),
                         100 * Share(outside, rows_outside));
}

std::string NameOf(const std::string& scope, const std::string& column) {
  return scope.empty() ? column : absl::StrCat(scope, " ", column);
}

SeriesReport Total(absl::Span<const SeriesReport> reports) {
  SeriesReport total;
  for (const SeriesReport& report : reports) {
    total.rows += report.rows;
    total.oscillations += report.oscillations;
    total.spikes += report.spikes;
    total.shifts += report.shifts;
    total.rows_inside += report.rows_inside;
    total.repaired_inside += report.repaired_inside;
    total.rows_outside += report.rows_outside;
    total.repaired_outside += report.repaired_outside;
  }
  return total;
}

Json Counts(const SeriesReport& report) {
  return {{"values", report.rows},
          {"oscillation", report.oscillations},
          {"spike_repaired", report.spikes},
          {"shift", report.shifts},
          {"repaired_share_inside_faults", Share(report.repaired_inside, report.rows_inside)},
          {"repaired_share_fault_free", Share(report.repaired_outside, report.rows_outside)}};
}

}  // namespace

std::string FormatRobust(absl::Span<const SeriesReport> reports, const std::string& baseline,
                         const DenoiseView& view) {
  const SeriesReport total = Total(reports);
  if (view.json) {
    Json document = {{"profile", "robust"}, {"baseline", baseline}, {"total", Counts(total)}};
    for (const SeriesReport& report : reports) {
      if (report.rows == 0) continue;
      const ColumnCleaning& cleaning = report.fit.cleaning;
      Json entry = {{"column", report.column}, {"scope", report.scope}};
      entry.update(Counts(report));
      entry["class"] = std::string(CleaningClass(report.fit));
      entry["active"] = cleaning.active;
      if (cleaning.active) {
        entry["variability"] = cleaning.variability;
        entry["window"] = cleaning.window;
        entry["threshold"] = cleaning.threshold;
        entry["epsilon"] = cleaning.epsilon;
        entry["least_range"] = cleaning.least_range;
        entry["longest_spike"] = cleaning.longest_spike;
      }
      entry["why"] = ExplainCleaning(report.fit, report.shortest_fault);
      document["series"].push_back(std::move(entry));
    }
    return Dump(document);
  }
  std::string text = absl::StrFormat(
      "Fitted on %s.\n%d values: %.3f %% repaired (isolated spikes), %.3f %% kept as shifts, "
      "%.3f %% kept as normal oscillation\n",
      baseline, total.rows, 100 * Share(total.spikes, total.rows),
      100 * Share(total.shifts, total.rows), 100 * Share(total.oscillations, total.rows));
  absl::StrAppend(&text, FaultShares("repaired", total.repaired_inside, total.rows_inside,
                                     total.repaired_outside, total.rows_outside));
  if (!view.explain) return text;
  absl::StrAppendFormat(&text, "\n%-48s | %-15s | %-11s | %6s | %9s | %9s | %9s | Why\n", "Series",
                        "Class", "Variability", "Window", "Threshold", "Flagged", "Repaired");
  for (const SeriesReport& report : reports) {
    if (report.rows == 0) continue;
    const ColumnCleaning& cleaning = report.fit.cleaning;
    const std::string name = NameOf(report.scope, report.column);
    const std::string why = ExplainCleaning(report.fit, report.shortest_fault);
    if (!cleaning.active) {
      absl::StrAppendFormat(&text, "%-48s | %-15s | %11s | %6s | %9s | %9s | %9s | %s\n", name,
                            CleaningClass(report.fit), "-", "-", "-", "-", "-", why);
      continue;
    }
    const int64_t flagged = report.oscillations + report.spikes + report.shifts;
    absl::StrAppendFormat(
        &text, "%-48s | %-15s | %11.4f | %6d | %9.4f | %7.3f %% | %7.3f %% | %s\n", name,
        CleaningClass(report.fit), cleaning.variability, cleaning.window, cleaning.threshold,
        100 * Share(flagged, report.rows), 100 * Share(report.spikes, report.rows), why);
  }
  return text;
}

std::string FormatClassic(absl::Span<const ClassicReport> reports, const DenoiseView& view) {
  ClassicReport total;
  double marked = 0;
  for (const ClassicReport& report : reports) {
    total.statistics.rows += report.statistics.rows;
    marked += report.statistics.outlier_percent / 100 * static_cast<double>(report.statistics.rows);
    total.rows_inside += report.rows_inside;
    total.marked_inside += report.marked_inside;
    total.rows_outside += report.rows_outside;
    total.marked_outside += report.marked_outside;
  }
  if (view.json) {
    Json document = {
        {"profile", "classic"},
        {"penalised_share_inside_faults", Share(total.marked_inside, total.rows_inside)},
        {"penalised_share_fault_free", Share(total.marked_outside, total.rows_outside)}};
    for (const ClassicReport& report : reports) {
      document["series"].push_back(
          {{"run", report.run},
           {"column", report.column},
           {"window", report.parameters.window},
           {"threshold", report.parameters.threshold},
           {"discrete", report.parameters.discrete},
           {"outlier_percent", report.statistics.outlier_percent},
           {"noise_reduction_percent", report.statistics.noise_reduction_percent},
           {"correlation", report.statistics.correlation},
           {"effectiveness", report.statistics.effectiveness}});
    }
    return Dump(document);
  }
  std::string text = absl::StrFormat(
      "Classic profile: %d values, %.3f %% multiplied by %.2f. It looks at whole series and "
      "shrinks "
      "the first rows of a fault: for comparison only.\nThe forest that replaces unmarked points "
      "is "
      "left out, because it is told the experiment's name.\n",
      total.statistics.rows,
      100 * marked / std::max<double>(1, static_cast<double>(total.statistics.rows)),
      kClassicPenalty);
  absl::StrAppend(&text, FaultShares("changed", total.marked_inside, total.rows_inside,
                                     total.marked_outside, total.rows_outside));
  if (!view.explain) return text;
  absl::StrAppendFormat(&text, "\n%-60s | %6s | %9s | %-10s | %8s | %10s | %6s | %s\n", "Series",
                        "Window", "Threshold", "Class", "Outliers", "Less noise", "Pearson",
                        "Effectiveness");
  for (const ClassicReport& report : reports) {
    const ClassicStatistics& statistics = report.statistics;
    absl::StrAppendFormat(
        &text, "%-60s | %6d | %9.2f | %-10s | %6.2f %% | %8.2f %% | %7.3f | %.3f\n",
        NameOf(report.run, report.column), report.parameters.window, report.parameters.threshold,
        report.parameters.discrete ? "discrete" : "continuous", statistics.outlier_percent,
        statistics.noise_reduction_percent, statistics.correlation, statistics.effectiveness);
  }
  return text;
}

std::string FormatStability(absl::Span<const RunStability> results, double threshold,
                            const DenoiseView& view) {
  size_t unstable = 0;
  Json document = {{"threshold", threshold}, {"series", Json::array()}};
  for (const RunStability& result : results) {
    unstable += result.unstable ? 1 : 0;
    Json range = nullptr;  // JSON has no infinity
    if (std::isfinite(result.relative_range)) range = result.relative_range;
    document["series"].push_back({{"condition", result.condition},
                                  {"column", result.column},
                                  {"repetitions", result.repetitions},
                                  {"relative_range", range},
                                  {"unstable", result.unstable},
                                  {"median", result.median},
                                  {"farthest", result.farthest},
                                  {"farthest_value", result.farthest_value}});
  }
  if (view.json) return Dump(document);
  std::string text = absl::StrFormat(
      "%d of %d series differ between repetitions by a relative range of %g or more.\n\n"
      "%-24s | %-48s | %4s | %8s | %-8s | %12s | Farthest run\n",
      unstable, results.size(), threshold, "Condition", "Series", "Runs", "Range", "Verdict",
      "Median");
  size_t printed = 0;
  for (const RunStability& result : results) {
    if (!view.explain && printed++ == kStabilityRows) {
      absl::StrAppendFormat(&text, "... %d more; --explain prints all\n",
                            results.size() - kStabilityRows);
      break;
    }
    absl::StrAppendFormat(&text, "%-24s | %-48s | %4d | %8.3f | %-8s | %12.5g | %s (%.5g)\n",
                          result.condition, result.column, result.repetitions,
                          result.relative_range, result.unstable ? "unstable" : "stable",
                          result.median, result.farthest, result.farthest_value);
  }
  return text;
}

std::string FormatAdjustment(const NoiseAdjustment& adjustment, const std::string& kpi,
                             absl::Span<const std::string> hosts, const DenoiseView& view) {
  if (view.json) {
    return Dump({{"kpi", kpi},
                 {"host_columns", std::vector<std::string>(hosts.begin(), hosts.end())},
                 {"center", adjustment.center},
                 {"baseline_rows", adjustment.baseline},
                 {"folds", adjustment.folds},
                 {"out_of_fold_r2", adjustment.r2},
                 {"applied", adjustment.applied}});
  }
  std::string text = absl::StrFormat(
      "%s: median %g over %d fault-free baseline rows; out-of-fold R2 of its deviation from %d "
      "host "
      "columns: %.3f (%d folds)\n",
      kpi, adjustment.center, adjustment.baseline, hosts.size(), adjustment.r2, adjustment.folds);
  absl::StrAppend(&text, adjustment.applied
                             ? absl::StrCat("The part that host state explains is divided out; ",
                                            kpi, kResidualSuffix, " holds the rest.\n")
                             : std::string("Host state explains nothing of it: the series stays as "
                                           "it is.\n"));
  if (view.explain) {
    for (const std::string& host : hosts) absl::StrAppend(&text, "  ", host, "\n");
  }
  return text;
}

}  // namespace grayling
