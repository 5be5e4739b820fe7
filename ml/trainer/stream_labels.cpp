#include "ml/trainer/stream_labels.h"

#include <algorithm>

namespace grayling {

LabelSettings DefaultLabels(double period_s) {
  LabelSettings settings;
  settings.recovery_s = std::max(settings.recovery_s, 2 * period_s);
  if (period_s > settings.onset_s) settings.onset_s = 0;
  return settings;
}

StreamLabels LabelStream(const Run& run, const std::string& service,
                         const LabelSettings& settings) {
  const size_t rows = run.time.size();
  StreamLabels labels{std::vector<float>(rows, 0), std::vector<float>(rows, 1),
                      std::vector<std::string>(rows)};
  for (size_t r = 0; r < rows; ++r) {
    const double time = run.time[r];
    for (const LabelWindow& window : run.windows) {
      if (time < window.start || time >= window.end + settings.recovery_s) continue;
      const bool mine = service.empty() || window.service.empty() || window.service == service;
      if (time >= window.end) {
        if (labels.targets[r] < 0.5F) labels.weights[r] = 0;
      } else if (mine) {
        labels.targets[r] = 1;
        labels.weights[r] = time < window.start + settings.onset_s ? settings.onset_weight : 1;
        labels.kind[r] = window.label;
      } else if (labels.targets[r] < 0.5F) {
        labels.weights[r] = std::min(labels.weights[r], settings.other_service_weight);
      }
    }
  }
  return labels;
}

std::vector<bool> HealthyRows(const Run& run, double recovery_s) {
  std::vector<bool> healthy(run.time.size(), true);
  for (size_t r = 0; r < run.time.size(); ++r) {
    for (const LabelWindow& window : run.windows) {
      if (run.time[r] >= window.start && run.time[r] < window.end + recovery_s) healthy[r] = false;
    }
  }
  return healthy;
}

}  // namespace grayling
