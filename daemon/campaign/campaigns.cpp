#include "daemon/campaign/campaigns.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/campaign/campaign_record.h"

namespace grayling {
namespace {

constexpr char kDaemonStopped[] = "the daemon stopped during it";

absl::StatusOr<v1::Campaign> Decode(const Record& record) {
  v1::Campaign campaign;
  if (!campaign.ParseFromString(record.body)) {
    return absl::DataLossError(absl::StrCat("the stored record of ", record.name,
                                            " cannot be read; it may be of another version"));
  }
  return campaign;
}

}  // namespace

Campaigns::Campaigns(CampaignRooms rooms, CampaignSurroundings surroundings)
    : rooms_(rooms), surroundings_(std::move(surroundings)) {}

Campaigns::~Campaigns() {
  absl::MutexLock lock(&mutex_);
  if (run_ != nullptr) run_->Stop(v1::CAMPAIGN_STATE_FAILED, kDaemonStopped);
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<CampaignRun> Campaigns::RunOf(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  if (run_ == nullptr || run_->Snapshot().campaign.name() != name) return nullptr;
  return run_;
}

absl::Status Campaigns::CheckScrapeTargets(const CampaignPlan& plan) {
  GRAYLING_ASSIGN_OR_RETURN(std::vector<std::string> known, surroundings_.scrape_targets());
  for (std::string& id : known) id = std::string(absl::StripPrefix(id, "scrapeTargets/"));
  for (const std::string& wanted : plan.scrape) {
    if (std::find(known.begin(), known.end(), wanted) != known.end()) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "the plan scrapes '", wanted, "' but there is no such scrape target; there are ",
        known.empty() ? "none" : absl::StrJoin(known, ", ")));
  }
  return absl::OkStatus();
}

absl::Status Campaigns::CheckNoLiveFault(const CampaignPlan& plan) {
  rooms_.faults.SettleExpired();
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<FaultRecord> live, rooms_.faults.List(true));
  for (const FaultRecord& fault : live) {
    if (fault.vm != plan.vm) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        fault.name, " (", fault.kind, " on ", fault.service, ", ", FaultStateName(fault.state),
        ") is live and would spoil the labels; revert it first"));
  }
  return absl::OkStatus();
}

absl::StatusOr<LoadSettings> Campaigns::ResolveLoad(const CampaignPlan& plan) {
  LoadSettings settings = plan.load;
  absl::string_view url = plan.load.base_url;
  uint32_t port = 0;
  if (absl::ConsumePrefix(&url, "forward:") && absl::SimpleAtoi(url, &port)) {
    GRAYLING_ASSIGN_OR_RETURN(settings.base_url,
                              surroundings_.forward_url(plan.vm, static_cast<uint16_t>(port)));
  }
  return settings;
}

absl::StatusOr<std::string> Campaigns::FreeName(const CampaignPlan& plan) {
  const std::string stem = absl::StrCat(
      "campaigns/", absl::FormatTime("%Y%m%dT%H%M%S", rooms_.clock.Now(), absl::UTCTimeZone()), "-",
      plan.name);
  for (int number = 1;; ++number) {
    std::string name = number == 1 ? stem : absl::StrCat(stem, "-", number);
    const absl::Status taken = rooms_.records.Get(name).status();
    if (absl::IsNotFound(taken)) return name;
    GRAYLING_RETURN_IF_ERROR(taken);
  }
}

absl::StatusOr<Campaigns::Prepared> Campaigns::Prepare(absl::string_view plan_yaml) {
  GRAYLING_ASSIGN_OR_RETURN(CampaignPlan plan, ParsePlan(plan_yaml));
  Timeline timeline = LayOut(plan);
  GRAYLING_RETURN_IF_ERROR(CheckScrapeTargets(plan));
  GRAYLING_ASSIGN_OR_RETURN(const LoadSettings load, ResolveLoad(plan));
  GRAYLING_RETURN_IF_ERROR(CheckNoLiveFault(plan));
  // Also tells whether the guest answers at all.
  GRAYLING_ASSIGN_OR_RETURN(const absl::Duration offset, rooms_.faults.ClockOffset(plan.vm));
  GRAYLING_ASSIGN_OR_RETURN(const std::string name, FreeName(plan));

  GRAYLING_RETURN_IF_ERROR(rooms_.load.Start(load));
  const absl::Time start = rooms_.clock.Now();
  v1::Campaign record = NewCampaignRecord(name, plan_yaml, plan, timeline, start, offset);
  const absl::Status stored = rooms_.records.Put(name, record.SerializeAsString(), start);
  if (!stored.ok()) {
    rooms_.load.Stop().IgnoreError();
    return stored;
  }
  return Prepared{
      std::make_shared<CampaignRun>(rooms_, std::move(plan), std::move(timeline), record), record};
}

absl::StatusOr<v1::Campaign> Campaigns::Start(absl::string_view plan_yaml) {
  {
    absl::MutexLock lock(&mutex_);
    if (is_starting_) return absl::FailedPreconditionError("another campaign is being started");
    if (run_ != nullptr && !run_->Snapshot().HasEnded()) {
      return absl::FailedPreconditionError(
          absl::StrCat(run_->Snapshot().campaign.name(),
                       " runs; one campaign runs at a time, so wait for its end or abort it"));
    }
    is_starting_ = true;
  }
  const absl::Cleanup started = [this] {
    absl::MutexLock lock(&mutex_);
    is_starting_ = false;
  };
  GRAYLING_ASSIGN_OR_RETURN(Prepared prepared, Prepare(plan_yaml));
  absl::MutexLock lock(&mutex_);
  if (thread_.joinable()) thread_.join();  // it has said its last word already
  run_ = prepared.run;
  thread_ = std::thread([run = prepared.run] { run->Execute(); });
  return std::move(prepared.record);
}

absl::StatusOr<v1::Campaign> Campaigns::Abort(const std::string& name) {
  const std::shared_ptr<CampaignRun> run = RunOf(name);
  if (run != nullptr) {
    run->Stop(v1::CAMPAIGN_STATE_ABORTED, "aborted by request");
    CampaignSnapshot snapshot = run->Snapshot();
    while (!snapshot.HasEnded()) {
      snapshot = run->WaitForChange(snapshot.version, absl::InfiniteDuration());
    }
  }
  GRAYLING_ASSIGN_OR_RETURN(v1::Campaign campaign, Get(name));
  if (campaign.state() == v1::CAMPAIGN_STATE_ABORTED) return campaign;
  return absl::FailedPreconditionError(
      absl::StrCat(name, " had ended already: ", CampaignStateWord(campaign.state())));
}

absl::StatusOr<v1::Campaign> Campaigns::Get(const std::string& name) {
  const std::shared_ptr<CampaignRun> run = RunOf(name);
  if (run != nullptr) return run->Snapshot().campaign;
  GRAYLING_ASSIGN_OR_RETURN(const Record record, rooms_.records.Get(name));
  return Decode(record);
}

absl::StatusOr<std::vector<v1::Campaign>> Campaigns::List() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, rooms_.records.List());
  std::vector<v1::Campaign> campaigns;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    GRAYLING_ASSIGN_OR_RETURN(v1::Campaign campaign, Decode(*record));
    campaigns.push_back(std::move(campaign));
  }
  return campaigns;
}

absl::StatusOr<CampaignSnapshot> Campaigns::WaitForChange(const std::string& name,
                                                          uint64_t seen_version,
                                                          absl::Duration timeout) {
  const std::shared_ptr<CampaignRun> run = RunOf(name);
  if (run != nullptr) return run->WaitForChange(seen_version, timeout);
  GRAYLING_ASSIGN_OR_RETURN(v1::Campaign campaign, Get(name));
  return CampaignSnapshot{std::move(campaign), seen_version + 1};
}

std::optional<v1::Campaign> Campaigns::Running() {
  absl::MutexLock lock(&mutex_);
  if (run_ == nullptr || run_->Snapshot().HasEnded()) return std::nullopt;
  return run_->Snapshot().campaign;
}

std::optional<std::string> Campaigns::RunningIn(const std::string& vm) {
  const std::optional<v1::Campaign> running = Running();
  // All windows of a plan are in one VM.
  if (!running.has_value() || running->windows().empty()) return std::nullopt;
  if (running->windows(0).spec().vm() != vm) return std::nullopt;
  return running->name();
}

void Campaigns::FailWindows(v1::Campaign& campaign, absl::Time now) {
  for (v1::FaultWindow& window : *campaign.mutable_windows()) {
    const bool was_tried = window.outcome() == "planned" && window.has_start_time();
    if (window.outcome() == "active" || was_tried) {
      window.set_outcome(absl::StrCat("failed: ", kDaemonStopped));
    }
    if (!window.has_start_time() || window.has_end_time()) continue;
    const absl::StatusOr<FaultRecord> fault = rooms_.faults.Get(window.fault());
    ToProto(fault.ok() ? LatestEnd(*fault, now) : now, window.mutable_end_time());
  }
}

absl::StatusOr<std::vector<std::string>> Campaigns::FailInterrupted() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, rooms_.records.List());
  std::vector<std::string> names;
  for (const Record& record : records) {
    absl::StatusOr<v1::Campaign> campaign = Decode(record);
    if (!campaign.ok()) {
      spdlog::error("{}", std::string(campaign.status().message()));
      continue;
    }
    if (campaign->state() != v1::CAMPAIGN_STATE_RUNNING) continue;
    const absl::Time now = rooms_.clock.Now();
    campaign->set_state(v1::CAMPAIGN_STATE_FAILED);
    campaign->set_reason(kDaemonStopped);
    campaign->clear_phase();
    ToProto(now, campaign->mutable_end_time());
    FailWindows(*campaign, now);
    GRAYLING_RETURN_IF_ERROR(
        rooms_.records.Put(campaign->name(), campaign->SerializeAsString(), now));
    rooms_.events.Append({now, campaign->name(), absl::StrCat("FAILED, ", kDaemonStopped)})
        .IgnoreError();
    names.push_back(campaign->name());
  }
  return names;
}

}  // namespace grayling
