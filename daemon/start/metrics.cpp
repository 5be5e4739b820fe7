#include "daemon/start/steps.h"

#include <spdlog/spdlog.h>

#include <vector>

#include "base/status_macros.h"

namespace grayling {

absl::Status OpenMetrics(const Settings& settings, Rooms& rooms) {
  GRAYLING_ASSIGN_OR_RETURN(rooms.exporter,
                            DaemonExporter::Open(settings.metrics_address, GRAYLING_VERSION));
  rooms.exporter->ShowStore(*rooms.samples);
  rooms.alarms = std::make_unique<AlarmLog>(*rooms.alarm_records);
  GRAYLING_RETURN_IF_ERROR(rooms.alarms->EndLeftOver(rooms.clock.Now()));
  rooms.score_feed = std::make_unique<ScoreFeed>();
  rooms.detector =
      std::make_unique<LiveDetector>(*rooms.samples, *rooms.alarms, *rooms.score_feed, rooms.clock);
  rooms.models = std::make_unique<Models>(*rooms.model_records, *rooms.model_activations,
                                          *rooms.detector, rooms.clock);
  if (absl::Status restored = rooms.models->Restore(); !restored.ok()) {
    spdlog::error("the active model could not be restored: {}", std::string(restored.message()));
  }
  const std::vector<BatchListener*> listeners = {rooms.detector.get(), rooms.exporter.get()};
  rooms.scraper = std::make_unique<Scraper>(*rooms.samples, listeners, rooms.exporter.get());
  rooms.load_recorder = std::make_unique<LoadRecorder>(*rooms.samples, listeners);
  return absl::OkStatus();
}

}  // namespace grayling
