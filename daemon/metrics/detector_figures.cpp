#include "daemon/metrics/detector_figures.h"

#include <algorithm>
#include <map>

namespace grayling {

DetectorFigures::DetectorFigures(prometheus::Registry& registry)
    : score_(registry, "grayling_detector_score", "Probability of a gray failure",
             kLargestServices),
      suspect_(registry, "grayling_detector_suspect",
               "1 for the first suspect while an alarm stands", kLargestServices),
      alarms_(prometheus::BuildCounter()
                  .Name("grayling_detector_alarms_total")
                  .Help("Alarms, by the suspect at their begin")
                  .Register(registry)),
      alarm_(prometheus::BuildGauge()
                 .Name("grayling_detector_alarm")
                 .Help("1 while an alarm stands")
                 .Register(registry)
                 .Add({})) {}

// A service's counter begins at 0 with its first score, so that its first alarm is an increase.
prometheus::Counter* DetectorFigures::AlarmsOf(const std::string& service) {
  const auto found = alarms_by_service_.find(service);
  if (found != alarms_by_service_.end()) return found->second;
  if (alarms_by_service_.size() >= kLargestServices) return nullptr;
  prometheus::Counter* counter = &alarms_.Add({{"service", service}});
  alarms_by_service_.emplace(service, counter);
  return counter;
}

void DetectorFigures::Set(const std::vector<std::pair<std::string, double>>& scores, bool alarm) {
  const auto first = std::max_element(
      scores.begin(), scores.end(),
      [](const auto& left, const auto& right) { return left.second < right.second; });
  absl::MutexLock lock(&mutex_);
  std::map<LabelledGauge::Labels, double> values;
  std::map<LabelledGauge::Labels, double> suspects;
  for (auto row = scores.begin(); row != scores.end(); ++row) {
    const LabelledGauge::Labels labels = {{"service", row->first}};
    values[labels] = row->second;
    suspects[labels] = alarm && row == first ? 1 : 0;
    AlarmsOf(row->first);
  }
  score_.ReplaceAll(values);
  suspect_.ReplaceAll(suspects);
  alarm_.Set(alarm ? 1 : 0);
  if (alarm && !stands_ && first != scores.end()) {
    if (prometheus::Counter* counter = AlarmsOf(first->first)) counter->Increment();
  }
  stands_ = alarm;
}

}  // namespace grayling
