#include "daemon/campaign/campaign_guest.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/guest/services.h"

namespace grayling {
namespace {

constexpr absl::Duration kBootIdTimeout = absl::Seconds(5);

class CancellableExecutor final : public Executor {
 public:
  CancellableExecutor(Executor& executor, const std::function<bool()>& is_cancelled)
      : executor_(executor), is_cancelled_(is_cancelled) {}
  absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv,
                                 absl::Duration timeout) override {
    return executor_.RunUnlessCancelled(argv, timeout, is_cancelled_);
  }

 private:
  Executor& executor_;
  const std::function<bool()>& is_cancelled_;
};

}  // namespace

CampaignGuest::CampaignGuest(Guests& guests, Faults& faults, std::string vm,
                             std::set<std::string> services, std::function<bool()> is_cancelled)
    : guests_(guests),
      faults_(faults),
      vm_(std::move(vm)),
      services_(std::move(services)),
      is_cancelled_(std::move(is_cancelled)) {}

std::string CampaignGuest::BootId() {
  const absl::StatusOr<Executor*> executor = guests_.ExecutorOf(vm_);
  if (!executor.ok()) return "";
  const absl::StatusOr<ExecResult> result = (*executor)->RunUnlessCancelled(
      {"/usr/bin/cat", "/proc/sys/kernel/random/boot_id"}, kBootIdTimeout, is_cancelled_);
  if (!result.ok() || result->exit_code != 0) return "";
  return std::string(absl::StripAsciiWhitespace(result->out));
}

absl::Status CampaignGuest::CheckServices(Executor& executor) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<GuestService> found, DiscoverServices(executor));
  std::set<std::string> missing = services_;
  for (const GuestService& service : found) {
    if (services_.count(service.name) == 0) continue;
    missing.erase(service.name);
    if (service.health == "unhealthy" || service.health == "starting") {
      return absl::UnavailableError(absl::StrCat(service.name, " is ", service.health));
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(*missing.begin(), " does not run"));
}

absl::Status CampaignGuest::CheckNoLiveFault() {
  faults_.SettleExpired();
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<FaultRecord> live, faults_.List(true));
  for (const FaultRecord& fault : live) {
    if (fault.vm != vm_) continue;
    return absl::UnavailableError(
        absl::StrCat(fault.name, " is still ", FaultStateName(fault.state), ": ", fault.reason));
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Duration> CampaignGuest::IsReady() {
  GRAYLING_ASSIGN_OR_RETURN(Executor * direct, guests_.ExecutorOf(vm_));
  CancellableExecutor executor(*direct, is_cancelled_);
  if (absl::Status services = CheckServices(executor); !services.ok()) {
    return absl::UnavailableError(services.message());
  }
  GRAYLING_RETURN_IF_ERROR(CheckNoLiveFault());
  const absl::StatusOr<absl::Duration> offset = faults_.ClockOffset(vm_);
  if (!offset.ok()) return absl::UnavailableError(offset.status().message());
  return *offset;
}

}  // namespace grayling
