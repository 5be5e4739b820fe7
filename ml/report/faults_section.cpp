#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ml/core/describe_figures.h"
#include "ml/report/numbers.h"
#include "ml/report/sections.h"

namespace grayling {
namespace {

constexpr size_t kMostKinds = 40;
constexpr size_t kKindsUnfolded = 8;
constexpr int kMostCourses = 6;
constexpr size_t kDuringBefore = 0;  // in kComparisons
constexpr size_t kDuringBaseline = 4;

std::string SpreadText(const PhaseSummary& phase) {
  if (phase.rows == 0) return kUndefined;
  return absl::StrCat(SignificantText(phase.median, 4), " \xC2\xB1 ",
                      SignificantText(phase.scale, 2));
}

std::string EffectText(const Effect& effect) {
  return absl::StrCat(SignedText(effect.delta, 2), SignedIntervalText(effect.interval, 2));
}

std::string SmallText(double p) { return p < 0.001 ? "< 0.001" : FixedText(p, 3); }

std::string TimeText(double seconds, int count, int of) {
  return absl::StrCat(count > 0 ? DurationText(seconds) : kUndefined, " (", count, "/", of, ")");
}

HtmlTable KindTable(const KindDescription& kind, size_t shown) {
  HtmlTable table({"Column", "Effect, during against before", "Drift", "Before", "During", "After",
                   "Against baseline", "Adjusted p", "Onset (events)", "Recovery (onsets)"});
  for (size_t i = 0; i < shown; ++i) {
    const ColumnDescription& column = kind.columns[i];
    table.Add({column.column, EffectText(column.effects[kDuringBefore]),
               SignedText(column.drift, 2), SpreadText(column.phases[1]),
               SpreadText(column.phases[2]), SpreadText(column.phases[3]),
               SignedText(column.effects[kDuringBaseline].delta, 2),
               SmallText(column.effects[kDuringBefore].adjusted_p_value),
               TimeText(column.median_onset_s, column.onsets, column.events),
               TimeText(column.median_recovery_s, column.recoveries, column.onsets)});
  }
  return table;
}

// What the shown columns' intervals resample; it may differ from column to column.
std::string Resampled(const KindDescription& kind, size_t shown) {
  std::set<std::string> units;
  for (size_t i = 0; i < shown; ++i) units.insert(kind.columns[i].resampled);
  units.erase("");
  return absl::StrJoin(units, " or ");
}

void AddKind(const Dataset& dataset, const Findings& findings, const KindDescription& kind, int top,
             bool is_open, HtmlPage& page) {
  page.BeginFold(
      absl::StrCat(KindName(kind.kind), ": ", CountText(static_cast<size_t>(kind.events), "event")),
      is_open);
  const size_t shown = std::min(kind.columns.size(), static_cast<size_t>(top));
  if (shown == 0) {
    page.Paragraph("No column has values before and during such an event.");
  } else {
    page.Table(KindTable(kind, shown));
    const std::string resampled = Resampled(kind, shown);
    page.Paragraph(
        absl::StrCat("The ", shown, " most affected of ", CountText(kind.columns.size(), "column"),
                     resampled.empty()
                         ? "; too few events for intervals."
                         : absl::StrCat("; intervals of 95 % by bootstrap over ", resampled, ".")));
    page.Figure(DrawEffects(kind, top),
                "Bars: Cliff's delta, during against before; lines: its 95 % interval.");
    page.Figure(DrawCourses(dataset, kind, findings.described_with, std::min(top, kMostCourses)),
                "Time in lengths of the fault; line: median over the events, band: quartiles.");
  }
  page.EndFold();
}

}  // namespace

void AddFaults(const Dataset& dataset, const Findings& findings, int top, HtmlPage& page) {
  page.Section("What the faults do");
  const std::vector<KindDescription>& kinds = findings.faults.kinds;
  if (kinds.empty()) {
    page.Paragraph("No fault is labelled, so there is nothing to compare.");
    return;
  }
  page.Paragraph(
      absl::StrCat("Measured on all ", CountText(dataset.runs.size(), "run"),
                   ", whatever their split, to know the data: no model may be chosen by it. ",
                   "Effect is Cliff's delta, the mean over events: +1 when every value during the "
                   "fault is higher than every value before, -1 when lower, 0 when alike. Drift is "
                   "the same between the halves of the time before: what moves anyway. Before, "
                   "during and after are median and robust scale of the pooled rows. Onset is the "
                   "first lasting row outside what the column was before."));
  page.Paragraph(
      findings.faults.baseline_runs > 0
          ? absl::StrCat(
                "Baseline: ", CountText(static_cast<size_t>(findings.faults.baseline_runs), "run"),
                " without a fault.")
          : "Every run has a fault, so there is no baseline to compare with.");
  page.Paragraph(
      "Neighbouring rows of a series depend on each other, so the adjusted p values "
      "(Mann-Whitney, Benjamini-Hochberg) are too small: rank by the effect.");
  for (size_t i = 0; i < std::min(kinds.size(), kMostKinds); ++i) {
    AddKind(dataset, findings, kinds[i], top, i < kKindsUnfolded, page);
  }
  if (kinds.size() > kMostKinds) {
    page.Paragraph(absl::StrCat(kinds.size() - kMostKinds,
                                " more kinds of fault are not shown; see grayling-ml describe."));
  }
}

}  // namespace grayling
