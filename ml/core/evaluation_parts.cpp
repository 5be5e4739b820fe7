#include "ml/core/evaluation_parts.h"

#include <algorithm>
#include <limits>

#include "ml/core/statistics.h"

namespace grayling {
namespace {

std::vector<double> RowSeconds(const std::vector<double>& time) {
  std::vector<double> distances;
  for (size_t i = 1; i < time.size(); ++i) distances.push_back(time[i] - time[i - 1]);
  std::vector<double> ascending = distances;
  std::sort(ascending.begin(), ascending.end());
  const double usual = ascending.empty() ? 0 : SortedQuantile(ascending, 0.5);
  for (double& distance : distances) distance = std::min(distance, usual);
  if (!time.empty()) distances.push_back(usual);
  return distances;
}

// Where the grace after `window` ends.
double EndOfGrace(const Run& run, const LabelWindow& window, double grace_s) {
  double end = window.end + grace_s;
  for (const LabelWindow& other : run.windows) {
    if (other.start >= window.end) end = std::min(end, other.start);
  }
  return end;
}

}  // namespace

double RecoveryOf(const EvaluationSettings& settings) {
  return std::max(settings.recovery_s, settings.detection_grace_s);
}

std::vector<EventOutcome> OutcomesOfEvents(const ScoredRun& scored, double grace_s) {
  const std::vector<double>& time = scored.run->time;
  std::vector<EventOutcome> outcomes;
  for (const LabelWindow& window : scored.run->windows) {
    const auto begin = std::lower_bound(time.begin(), time.end(), window.start);
    if (begin == time.end() || *begin >= window.end) continue;
    EventOutcome outcome;
    outcome.window = &window;
    outcome.first_row = static_cast<size_t>(begin - time.begin());
    outcome.end = EndOfGrace(*scored.run, window, grace_s);
    for (size_t row = outcome.first_row; row < time.size() && time[row] < outcome.end; ++row) {
      if (!scored.alarms[row]) continue;
      outcome.detected = true;
      outcome.delay_s = time[row] - window.start;
      break;
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

RowTally TallyRows(const ScoredRun& scored, const EvaluationSettings& settings) {
  RowTally tally;
  tally.kinds = KindsOfRows(*scored.run, RecoveryOf(settings), settings.margin_s);
  tally.fault_free_s = RowSeconds(scored.run->time);
  tally.false_alarm_begins.assign(tally.kinds.size(), false);
  bool before = false;
  for (size_t i = 0; i < tally.kinds.size(); ++i) {
    if (tally.kinds[i] == RowKind::kFaultFree) {
      tally.false_alarm_begins[i] = scored.alarms[i] && !before;
    } else {
      tally.fault_free_s[i] = 0;
    }
    // An alarm that stands where judging begins is one that begins there.
    before = scored.alarms[i] && tally.kinds[i] != RowKind::kUnjudged;
  }
  return tally;
}

void SortByScore(std::vector<ScoredRow>& rows) {
  std::sort(rows.begin(), rows.end(),
            [](const ScoredRow& a, const ScoredRow& b) { return a.score > b.score; });
}

double AveragePrecision(const std::vector<ScoredRow>& rows, absl::Span<const float> weights) {
  double area = 0, found = 0, found_before = 0, seen = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double weight =
        weights.empty() ? 1 : static_cast<double>(weights[static_cast<size_t>(rows[i].unit)]);
    seen += weight;
    if (rows[i].positive) found += weight;
    if (found == found_before) continue;
    if (i + 1 < rows.size() && rows[i + 1].score == rows[i].score) continue;
    area += (found - found_before) * found / seen;
    found_before = found;
  }
  return found > 0 ? area / found : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace grayling
