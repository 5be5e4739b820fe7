#include "daemon/start/steps.h"

#include <filesystem>
#include <limits>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/calibration/guest_observer.h"
#include "daemon/load/built_in_generator.h"
#include "daemon/load/jmeter_generator.h"
#include "daemon/load/load_generators.h"

namespace grayling {
namespace {

absl::StatusOr<std::string> ForwardUrl(Vms& vms, const std::string& vm, uint16_t guest_port) {
  GRAYLING_ASSIGN_OR_RETURN(const VmDefinition definition, vms.Find(vm));
  for (const PortForward& forward : definition.forwards) {
    if (forward.guest_port == guest_port) {
      return absl::StrCat("http://127.0.0.1:", forward.host_port);
    }
  }
  return absl::NotFoundError(absl::StrCat(vm, " does not forward its port ", guest_port,
                                          "; define it with --forward ", guest_port));
}

absl::StatusOr<std::vector<std::string>> ScrapeTargetNames(Scraper& scraper) {
  std::vector<std::string> names;
  for (const ScrapeTargetStatus& target : scraper.List()) names.push_back(target.settings.name);
  return names;
}

// Where the VM's services answer from here: the base of each scraped URL that carries a service's
// label and goes through one of the VM's forwards.
absl::StatusOr<std::vector<std::string>> ServiceUrls(Scraper& scraper, Vms& vms,
                                                     const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(const VmDefinition definition, vms.Find(vm));
  std::vector<std::string> urls;
  for (const ScrapeTargetStatus& target : scraper.List()) {
    if (target.settings.labels.count("service") == 0) continue;
    for (const PortForward& forward : definition.forwards) {
      const std::string base = absl::StrCat("http://127.0.0.1:", forward.host_port);
      if (absl::StartsWith(target.settings.url, base + "/")) urls.push_back(base);
    }
  }
  return urls;
}

double DiskFreeMib(const std::string& folder) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder, error);
  if (error) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(space.available) / (1 << 20);
}

}  // namespace

absl::Status OpenCampaigns(const Settings& settings, Rooms& rooms) {
  LoadRecorder& recorder = *rooms.load_recorder;
  const auto record = [&recorder](absl::Time time, absl::Span<const LoadSample> samples) {
    recorder.Record(time, samples);
  };
  const JmeterPlace jmeter{.home = settings.jmeter_home,
                           .runs_folder = settings.state_directory + "/jmeter"};
  rooms.load = std::make_unique<LoadGenerators>(
      std::make_unique<BuiltInGenerator>(rooms.clock, record),
      std::make_unique<JmeterGenerator>(jmeter, rooms.clock, record));
  rooms.observer = std::make_unique<GuestObserver>(
      *rooms.guests, [&scraper = *rooms.scraper, &vms = *rooms.vms](const std::string& vm) {
        return ServiceUrls(scraper, vms, vm);
      });
  rooms.calibrations = std::make_unique<Calibrations>(
      CalibrationRooms{*rooms.faults, *rooms.load, *rooms.observer, rooms.clock},
      *rooms.calibration_records);
  GRAYLING_RETURN_IF_ERROR(rooms.calibrations->FailInterrupted());
  CampaignSurroundings surroundings;
  surroundings.forward_url = [&vms = *rooms.vms](const std::string& vm, uint16_t port) {
    return ForwardUrl(vms, vm, port);
  };
  surroundings.scrape_targets = [&scraper = *rooms.scraper] { return ScrapeTargetNames(scraper); };
  surroundings.gray_intensity = [&calibrations = *rooms.calibrations](
                                    const std::string& vm, const std::string& kind,
                                    const std::string& service, double target_percent) {
    return calibrations.IntensityFor(vm, kind, service, target_percent);
  };
  surroundings.disk_free_mib = [folder = settings.state_directory] { return DiskFreeMib(folder); };
  if (rooms.annotations != nullptr) {
    surroundings.annotate = [&annotations = *rooms.annotations](const std::string& campaign) {
      annotations.AddCampaign(campaign);
    };
  }
  rooms.campaigns = std::make_unique<Campaigns>(
      CampaignRooms{*rooms.campaign_records, *rooms.events, *rooms.faults, *rooms.load, rooms.clock,
                    *rooms.guests},
      std::move(surroundings));
  return absl::OkStatus();
}

}  // namespace grayling
