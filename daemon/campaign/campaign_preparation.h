#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "daemon/campaign/campaign_rooms.h"
#include "daemon/campaign/campaign_run.h"
#include "daemon/campaign/gray_intensity.h"

namespace grayling {

// What a plan speaks of and other rooms know.
struct CampaignSurroundings {
  // The base URL on this host of a VM's forward of a guest port: http://127.0.0.1:PORT.
  std::function<absl::StatusOr<std::string>(const std::string& vm, uint16_t guest_port)>
      forward_url;
  // Ids of the scrape targets that exist, with or without "scrapeTargets/".
  std::function<absl::StatusOr<std::vector<std::string>>()> scrape_targets;
  // Room left where the samples are kept; may be empty.
  std::function<double()> disk_free_mib = {};
  // What calibrations say of gray(...); empty: there are none.
  GrayLookup gray_intensity = {};
  // Told of a campaign whose faults are to be annotated; may be empty.
  std::function<void(const std::string& campaign)> annotate = {};
};

// Makes what a campaign is run from. Thread-safe.
class CampaignPreparation {
 public:
  CampaignPreparation(const CampaignRooms& rooms, CampaignSurroundings surroundings)
      : rooms_(rooms), surroundings_(std::move(surroundings)) {}

  // Checks a plan against what is there, puts its load on and stores its record. Errors are those
  // of Campaigns::Start(): nothing was started.
  absl::StatusOr<CampaignScript> Begin(absl::string_view plan_yaml);
  // For a campaign whose daemon has stopped; asks nothing of the guest. FAILED_PRECONDITION when
  // the plan means something else in this version, and what Begin() says of plan and VM.
  absl::StatusOr<CampaignScript> TakeUp(v1::Campaign record);

  // NaN when nobody knows.
  double DiskFreeMib() const;
  // Of a campaign that is about to run.
  void Announce(const CampaignScript& script) const;

 private:
  GrayLookup GrayIntensity() const;
  absl::StatusOr<std::vector<LoadSettings>> ResolveLoads(const CampaignPlan& plan);
  absl::Status CheckScrapeTargets(const CampaignPlan& plan);
  absl::Status CheckNoLiveFault(const CampaignPlan& plan);
  absl::StatusOr<std::string> FreeName(const CampaignPlan& plan);

  const CampaignRooms rooms_;
  const CampaignSurroundings surroundings_;
};

}  // namespace grayling
