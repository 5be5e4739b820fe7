#pragma once

#include <vector>

#include "absl/types/span.h"

namespace grayling {

// "m of the last n rows at or over the threshold."
struct NoveltyAlarm {
  double threshold = 1;
  int votes = 1;
  int rows = 1;
};

// Takes from a strangeness what a lasting change has added to it: the excess over `usual` of its
// slow mean, in which no row weighs more than half a unit. Forgets as fast as the reference of the
// levels (`drift_rate`) times 10 / 3, but within 100 rows at the fastest. A negative `usual`: takes
// nothing. Not thread-safe; Step() does not allocate.
class LastingChange {
 public:
  LastingChange(float usual, float drift_rate);
  void Reset() { mean_ = usual_; }
  float Step(float strangeness);

 private:
  float usual_;
  float rate_;
  float mean_;
};

// An alarm rule from strangeness that is taken to be healthy, one series per run, one value per
// row, every `period_s`; best of rows that the model was not fitted on.
//  * The rarer a false alarm may be, the more rows must agree: 1 of 1 where one is allowed per 100
//    rows, 2 of 3 per 1,000, 3 of 5 per 3,333, else 5 of 8.
//  * The threshold is the lowest that gives no more than the allowed number of alarm episodes in
//    these series and marks no more than 5 % of their rows.
//  * Where the series are too short to show five allowed episodes, the lowest threshold with five
//    is moved up by the mean excess of their peaks times log(5 / allowed): peaks over a threshold
//    with an exponential tail (Siffer et al., KDD 2017, with a shape of 0), down to half an episode
//    in the whole of the series: beyond that they say nothing.
// The threshold is always positive. No rows at all: threshold 1.
NoveltyAlarm ChooseNoveltyAlarm(absl::Span<const std::vector<float>> series, double period_s,
                                double false_alarms_per_hour);

}  // namespace grayling
