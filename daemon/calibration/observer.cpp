#include "daemon/calibration/observer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace grayling {
namespace {

constexpr double kMostCpu = 0.9;
constexpr double kLeastMemory = 0.1;
constexpr double kMostOfLimit = 0.9;

bool IsNearItsLimit(const ObserverReading::Service& service) {
  return service.limit_bytes > 0 && static_cast<double>(service.memory_bytes) >
                                        kMostOfLimit * static_cast<double>(service.limit_bytes);
}

void AddServiceAlarms(const ObserverReading& before, const ObserverReading& after,
                      std::vector<std::string>& alarms) {
  for (const auto& [name, earlier] : before.services) {
    const auto now = after.services.find(name);
    if (now == after.services.end()) {
      alarms.push_back(absl::StrCat(name, " does not run any more"));
      continue;
    }
    if (now->second.health == "unhealthy") {
      alarms.push_back(absl::StrCat("the container of ", name, " is unhealthy"));
    }
    if (IsNearItsLimit(now->second) && !IsNearItsLimit(earlier)) {
      alarms.push_back(absl::StrFormat("%s uses %.0f %% of its memory limit", name,
                                       100.0 * static_cast<double>(now->second.memory_bytes) /
                                           static_cast<double>(now->second.limit_bytes)));
    }
  }
}

}  // namespace

std::vector<std::string> AlarmsBetween(const ObserverReading& before,
                                       const ObserverReading& after) {
  std::vector<std::string> alarms = after.silent_endpoints;
  AddServiceAlarms(before, after, alarms);
  const double ticks = after.cpu_all_ticks - before.cpu_all_ticks;
  const double busy = ticks > 0 ? (after.cpu_busy_ticks - before.cpu_busy_ticks) / ticks : 0;
  if (busy > kMostCpu) {
    alarms.push_back(absl::StrFormat("the VM's CPUs are busy for %.0f %% of the time", 100 * busy));
  }
  if (after.memory_available_share < kLeastMemory) {
    alarms.push_back(absl::StrFormat("%.0f %% of the VM's memory is available",
                                     100 * after.memory_available_share));
  }
  return alarms;
}

}  // namespace grayling
