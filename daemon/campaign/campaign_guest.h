#pragma once

#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/fault/faults.h"
#include "daemon/guest/guests.h"

namespace grayling {

// What a campaign asks its guest between windows. Every question ends early when `is_cancelled`
// says so, as far as the executor can. Not thread-safe.
class CampaignGuest {
 public:
  CampaignGuest(Guests& guests, Faults& faults, std::string vm, std::set<std::string> services,
                std::function<bool()> is_cancelled);

  // Changes with every boot; empty when the guest does not tell.
  std::string BootId();

  // Whether a campaign can go on: the guest answers, every service of the plan runs and is not
  // unhealthy, and no fault is live in it. Then its clock is measured, and the answer is guest
  // clock minus host clock. NOT_FOUND when the VM is gone, else UNAVAILABLE, with one sentence.
  absl::StatusOr<absl::Duration> IsReady();

 private:
  absl::Status CheckServices(Executor& executor);
  absl::Status CheckNoLiveFault();

  Guests& guests_;
  Faults& faults_;
  const std::string vm_;
  const std::set<std::string> services_;
  const std::function<bool()> is_cancelled_;
};

}  // namespace grayling
