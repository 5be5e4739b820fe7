#pragma once

#include "absl/status/status.h"
#include "daemon/rooms.h"
#include "daemon/settings.h"

namespace grayling {

// The steps of start-up that build rooms, in their order in main.cpp. Each fills its members of
// `rooms` and may use what the steps before it made; an error ends start-up. This folder is the one
// place that names concrete backends.
absl::Status OpenStores(const Settings& settings, Rooms& rooms);
absl::Status OpenMetrics(const Settings& settings, Rooms& rooms);
absl::Status OpenIngest(const Settings& settings, Rooms& rooms);
absl::Status OpenHypervisor(const Settings& settings, Rooms& rooms);
absl::Status ReachGrafana(const Settings& settings, Rooms& rooms);
absl::Status RecoverFaults(const Settings& settings, Rooms& rooms);
absl::Status OpenCampaigns(const Settings& settings, Rooms& rooms);
absl::Status StartWorkers(const Settings& settings, Rooms& rooms);
absl::Status OpenServices(const Settings& settings, Rooms& rooms);
absl::Status ServeIngest(const Settings& settings, Rooms& rooms);

// Waits for the messages under way.
void StopKafka(Rooms& rooms);

}  // namespace grayling
