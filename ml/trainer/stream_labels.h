#pragma once

#include <string>
#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

struct LabelSettings {
  double recovery_s = 4;  // rows in [end, end + recovery) teach nothing
  double onset_s = 2;     // the first seconds of a window, in which little shows yet ...
  float onset_weight = 0.3F;
  float other_service_weight = 0.3F;  // windows of other services: this one may suffer too
};

// Settings that fit rows `period_s` apart: recovery lasts at least 4 s and two rows; the onset is
// left out where a row is longer than it, since a fault may last three rows only.
LabelSettings DefaultLabels(double period_s);

// What the stream of one service should say in each row.
struct StreamLabels {
  std::vector<float> targets;     // 1 inside a window of this service (or of no named service)
  std::vector<float> weights;     // of the row in the loss
  std::vector<std::string> kind;  // fault kind of this stream's window; "" elsewhere
};

StreamLabels LabelStream(const Run& run, const std::string& service, const LabelSettings& settings);

// Rows outside of every window and every recovery.
std::vector<bool> HealthyRows(const Run& run, double recovery_s);

}  // namespace grayling
