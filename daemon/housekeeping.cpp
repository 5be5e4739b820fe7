#include "daemon/housekeeping.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace grayling {
Housekeeping::Housekeeping(Faults& faults, Campaigns& campaigns, LoadGenerator& load,
                           LiveDetector& detector, DaemonExporter& exporter, Clock& clock)
    : faults_(faults),
      campaigns_(campaigns),
      detector_(detector),
      exporter_(exporter),
      clock_(clock),
      load_export_(load, exporter),
      thread_([this] { Loop(); }) {}

Housekeeping::~Housekeeping() {
  stop_.Notify();
  thread_.join();
}

void Housekeeping::Loop() {
  absl::Time next = clock_.Now();
  while (clock_.SleepUntil(next, stop_)) {
    faults_.SettleExpired();
    auto campaign = campaigns_.Running();
    exporter_.SetCampaignPhase(campaign ? campaign->phase() : "");
    load_export_.Export();
    ExportDetector();
    const absl::Time now = clock_.Now();
    // A wall clock that was set back must not make the next round wait for the old time.
    next = std::clamp(next + absl::Seconds(1), now, now + absl::Seconds(1));
  }
}

void Housekeeping::ExportDetector() {
  auto row = detector_.latest();
  if (!row || row->services == nullptr) return;
  std::vector<std::pair<std::string, double>> scores;
  for (size_t i = 0; i < row->services->size(); ++i) {
    scores.emplace_back((*row->services)[i], row->service_scores[i]);
  }
  exporter_.SetDetector(scores, row->alarm);
}

}  // namespace grayling
