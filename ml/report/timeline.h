#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ml/core/evaluation.h"

namespace grayling {

struct TimelineSettings {
  double period_s = 1;
  EvaluationSettings evaluation;
  std::vector<std::string> kinds;  // fault kinds; a window bears its kind's place, from 1
  double low = 0;                  // of the score axis
  double high = 1;
  std::optional<double> threshold;
};

// One run over time: fault windows coloured and numbered by kind, time that is not judged in grey,
// the score (per pixel its largest value, no line over gaps), the threshold, and alarms in a strip
// of their own. Without scores the windows alone. The run has rows. SVG.
std::string DrawTimeline(const ScoredRun& scored, const TimelineSettings& settings);

// The numbers and colours of the kinds. SVG.
std::string DrawTimelineLegend(const TimelineSettings& settings);

}  // namespace grayling
