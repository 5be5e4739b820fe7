#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "ml/report/numbers.h"
#include "ml/report/sections.h"
#include "ml/report/timeline.h"

namespace grayling {
namespace {

constexpr size_t kMostInLegend = 60;

// 0 to 1 where all scores lie there, else from the smallest to the largest; the same for all runs.
void SetAxis(const std::vector<ScoredRun>& runs, TimelineSettings& settings) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const ScoredRun& scored : runs) {
    for (const float score : scored.scores) {
      low = std::min(low, static_cast<double>(score));
      high = std::max(high, static_cast<double>(score));
    }
  }
  if (!(low < 0 || high > 1)) return;
  settings.low = low;
  settings.high = high > low ? high : low + 1;
}

// Runs with faults first, each sort in its own order, at most so many.
std::vector<const ScoredRun*> Shown(const std::vector<ScoredRun>& runs, size_t most) {
  std::vector<const ScoredRun*> shown;
  for (const bool with_faults : {true, false}) {
    for (const ScoredRun& scored : runs) {
      if (scored.run->time.empty() || scored.run->windows.empty() == with_faults) continue;
      if (shown.size() < most) shown.push_back(&scored);
    }
  }
  return shown;
}

std::string Caption(const ScoredRun& scored, const Findings& findings, bool has_scores) {
  const Run& run = *scored.run;
  std::string text =
      absl::StrCat(run.id, ": from ", InstantText(run.time.front()), ", ",
                   CountText(run.time.size(), "row"), ", ", CountText(run.windows.size(), "fault"));
  if (!has_scores) return absl::StrCat(text, ".");
  const std::vector<RunEvaluation>& judged = findings.detectors.front().evaluation.runs;
  const auto own = std::find_if(judged.begin(), judged.end(),
                                [&](const RunEvaluation& one) { return one.run == run.id; });
  if (own != judged.end()) {
    absl::StrAppend(&text, ", found ", own->detected, " of ", own->events, ", ",
                    CountText(static_cast<size_t>(own->false_alarms), "false alarm"));
  }
  return absl::StrCat(text, ".");
}

std::string Explanation(const ReportSubject& subject, const TimelineSettings& settings) {
  std::string text = "Shaded: faults, numbered by kind. Times are UTC. ";
  if (!std::isinf(settings.evaluation.margin_s)) text += "Grey: time that is not judged. ";
  if (subject.score_source == ScoreSource::kNone) {
    return text + "There are no scores to draw: give --model or --scores.";
  }
  text += "Line: score, in each pixel its largest value. Strip below: alarms. ";
  if (settings.threshold) {
    text += absl::StrCat("Grey line: the threshold, ", FixedText(*settings.threshold, 3), ". ");
    if (subject.model->novelty) {
      text +=
          "The alarm's own threshold rises with lasting changes, so it may stay silent above "
          "that line. ";
    }
  } else {
    text += "The file of scores names no threshold, so none is drawn. ";
  }
  return text;
}

}  // namespace

void AddTimelines(const ReportSubject& subject, const Findings& findings,
                  const ReportSettings& settings, HtmlPage& page) {
  page.Section("Run by run over time");
  const bool has_scores = subject.score_source != ScoreSource::kNone;
  const auto most = static_cast<size_t>(settings.timelines);
  const std::vector<const ScoredRun*> shown = Shown(subject.judged, most);
  if (shown.empty()) {
    page.Paragraph(most == 0 ? "No timeline was asked for (--timelines 0)."
                             : "No judged run has a row, so there is nothing to draw.");
    return;
  }
  TimelineSettings timeline;
  timeline.period_s = subject.dataset->period_s;
  timeline.evaluation = settings.evaluation;
  std::set<std::string> kinds;
  for (const ScoredRun* scored : shown) {
    for (const LabelWindow& window : scored->run->windows) kinds.insert(window.label);
  }
  timeline.kinds.assign(kinds.begin(), kinds.end());
  // The score of a detector without labels is made so that its threshold is one half.
  if (subject.score_source == ScoreSource::kModel) {
    timeline.threshold = subject.model->novelty ? 0.5 : subject.model->threshold;
  }
  SetAxis(subject.judged, timeline);
  page.Paragraph(Explanation(subject, timeline));
  if (shown.size() < subject.judged.size()) {
    page.Paragraph(absl::StrCat("Drawn: ", shown.size(), " of ",
                                CountText(subject.judged.size(), "judged run"),
                                ", those with faults first; --timelines draws more."));
  }
  if (kinds.empty()) {
    page.Paragraph("None of these runs has a labelled fault.");
  } else if (kinds.size() <= kMostInLegend) {
    page.Figure(DrawTimelineLegend(timeline), "Kinds of fault");
  }
  for (const ScoredRun* scored : shown) {
    page.Figure(DrawTimeline(*scored, timeline), Caption(*scored, findings, has_scores));
  }
}

}  // namespace grayling
