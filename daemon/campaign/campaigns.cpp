#include "daemon/campaign/campaigns.h"

#include <spdlog/spdlog.h>

#include <set>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/campaign/campaign_record.h"

namespace grayling {
namespace {

constexpr int kMostRestarts = 10;
constexpr absl::Duration kRestartsCountFor = absl::Hours(1);
constexpr absl::Duration kEventsAfterEnd = absl::Minutes(5);  // faults that are settled late

absl::StatusOr<v1::Campaign> Decode(const Record& record) {
  v1::Campaign campaign;
  if (!campaign.ParseFromString(record.body)) {
    return absl::DataLossError(absl::StrCat("the stored record of ", record.name,
                                            " cannot be read; it may be of another version"));
  }
  return campaign;
}

absl::Status HasEndedAlready(const v1::Campaign& campaign) {
  return absl::FailedPreconditionError(
      absl::StrCat(campaign.name(), " had ended already: ", CampaignStateWord(campaign.state())));
}

int RestartsLately(const v1::Campaign& campaign, absl::Time now) {
  int restarts = 0;
  for (const v1::CampaignPause& pause : campaign.pauses()) {
    const bool is_recent = FromProto(pause.start_time()) > now - kRestartsCountFor;
    restarts += is_recent && pause.reason() == kDaemonStopped ? 1 : 0;
  }
  return restarts;
}

std::set<std::string> SubjectsOf(const v1::Campaign& campaign) {
  std::set<std::string> subjects = {campaign.name()};
  for (const v1::FaultWindow& window : campaign.windows()) {
    subjects.insert(window.fault());
    for (const v1::WindowAttempt& attempt : window.earlier_attempts()) {
      subjects.insert(attempt.fault());
    }
  }
  subjects.erase("");
  return subjects;
}

}  // namespace

Campaigns::Campaigns(CampaignRooms rooms, CampaignSurroundings surroundings)
    : rooms_(rooms), preparation_(rooms, std::move(surroundings)) {}

Campaigns::~Campaigns() {
  absl::MutexLock lock(&mutex_);
  if (run_ != nullptr) run_->Stop({v1::CAMPAIGN_STATE_UNSPECIFIED, kDaemonStopped});
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<CampaignRun> Campaigns::RunOf(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  if (run_ == nullptr || run_->Snapshot().campaign.name() != name) return nullptr;
  return run_;
}

std::shared_ptr<CampaignRun> Campaigns::LiveRun() {
  absl::MutexLock lock(&mutex_);
  if (run_ == nullptr || run_->Snapshot().HasEnded()) return nullptr;
  return run_;
}

v1::Campaign Campaigns::WaitUntil(CampaignRun& run,
                                  absl::FunctionRef<bool(const v1::Campaign&)> says_so) {
  CampaignSnapshot snapshot = run.Snapshot();
  while (!snapshot.HasEnded() && !says_so(snapshot.campaign)) {
    snapshot = run.WaitForChange(snapshot.version, absl::InfiniteDuration());
  }
  return snapshot.campaign;
}

void Campaigns::Launch(CampaignScript script) {
  if (thread_.joinable()) thread_.join();  // it has said its last word already
  preparation_.Announce(script);
  run_ = std::make_shared<CampaignRun>(rooms_, std::move(script));
  thread_ = std::thread([run = run_] { run->Execute(); });
}

absl::StatusOr<v1::Campaign> Campaigns::Start(absl::string_view plan_yaml) {
  {
    absl::MutexLock lock(&mutex_);
    if (is_starting_) return absl::FailedPreconditionError("another campaign is being started");
    if (run_ != nullptr && !run_->Snapshot().HasEnded()) {
      const v1::Campaign running = run_->Snapshot().campaign;
      return absl::FailedPreconditionError(absl::StrCat(
          running.name(), running.state() == v1::CAMPAIGN_STATE_PAUSED ? " is paused" : " runs",
          "; one campaign runs at a time, so wait for its end or abort it"));
    }
    is_starting_ = true;
  }
  const absl::Cleanup started = [this] {
    absl::MutexLock lock(&mutex_);
    is_starting_ = false;
  };
  GRAYLING_ASSIGN_OR_RETURN(CampaignScript script, preparation_.Begin(plan_yaml));
  v1::Campaign record = script.record;
  absl::MutexLock lock(&mutex_);
  Launch(std::move(script));
  return record;
}

absl::StatusOr<v1::Campaign> Campaigns::Abort(const std::string& name) {
  const std::shared_ptr<CampaignRun> run = RunOf(name);
  if (run != nullptr) {
    run->Stop({v1::CAMPAIGN_STATE_ABORTED, "aborted by request"});
    WaitUntil(*run, [](const v1::Campaign&) { return false; });
  }
  GRAYLING_ASSIGN_OR_RETURN(v1::Campaign campaign, Get(name));
  if (campaign.state() == v1::CAMPAIGN_STATE_ABORTED) return campaign;
  return HasEndedAlready(campaign);
}

absl::StatusOr<v1::Campaign> Campaigns::Pause(const std::string& name) {
  const std::shared_ptr<CampaignRun> run = RunOf(name);
  GRAYLING_ASSIGN_OR_RETURN(v1::Campaign campaign, Get(name));
  if (run == nullptr || run->Snapshot().HasEnded()) return HasEndedAlready(campaign);
  run->Pause("paused by request");
  campaign = WaitUntil(
      *run, [](const v1::Campaign& now) { return now.state() == v1::CAMPAIGN_STATE_PAUSED; });
  if (campaign.state() != v1::CAMPAIGN_STATE_PAUSED) return HasEndedAlready(campaign);
  return campaign;
}

absl::StatusOr<v1::Campaign> Campaigns::Resume(const std::string& name) {
  const std::shared_ptr<CampaignRun> run = RunOf(name);
  GRAYLING_ASSIGN_OR_RETURN(v1::Campaign campaign, Get(name));
  if (run == nullptr || run->Snapshot().HasEnded()) return HasEndedAlready(campaign);
  run->Resume();
  campaign = WaitUntil(
      *run, [](const v1::Campaign& now) { return now.state() != v1::CAMPAIGN_STATE_PAUSED; });
  return campaign;
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
    absl::StatusOr<v1::Campaign> campaign = Decode(*record);
    if (campaign.ok()) {
      campaigns.push_back(*std::move(campaign));
    } else {
      spdlog::error("{}", std::string(campaign.status().message()));
    }
  }
  return campaigns;
}

absl::StatusOr<std::vector<Event>> Campaigns::Events(const std::string& name) {
  GRAYLING_ASSIGN_OR_RETURN(const v1::Campaign campaign, Get(name));
  const std::set<std::string> subjects = SubjectsOf(campaign);
  const absl::Time end =
      campaign.has_end_time() ? FromProto(campaign.end_time()) : rooms_.clock.Now();
  GRAYLING_ASSIGN_OR_RETURN(
      std::vector<Event> events,
      rooms_.events.Between(FromProto(campaign.start_time()), end + kEventsAfterEnd));
  std::erase_if(events, [&](const Event& event) { return subjects.count(event.subject) == 0; });
  return events;
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
  const std::shared_ptr<CampaignRun> run = LiveRun();
  if (run == nullptr) return std::nullopt;
  return run->Snapshot().campaign;
}

std::optional<std::string> Campaigns::RunningIn(const std::string& vm) {
  const std::optional<v1::Campaign> running = Running();
  // All windows of a plan are in one VM.
  if (!running.has_value() || running->windows().empty()) return std::nullopt;
  if (running->windows(0).spec().vm() != vm) return std::nullopt;
  return running->name();
}

void Campaigns::CheckGuards() {
  const std::shared_ptr<CampaignRun> run = LiveRun();
  if (run != nullptr) run->guards().Check(preparation_.DiskFreeMib());
}

void Campaigns::AskGuest() {
  const std::shared_ptr<CampaignRun> run = LiveRun();
  if (run != nullptr) run->guards().AskGuest();
}

absl::Status Campaigns::Fail(v1::Campaign record, const std::string& reason) {
  const absl::Time now = rooms_.clock.Now();
  SpoilWindowsUnderWay(record);
  AdoptLateEnds(record, rooms_.faults, now);
  record.set_state(v1::CAMPAIGN_STATE_FAILED);
  record.set_reason(reason);
  record.clear_phase();
  ToProto(now, record.mutable_end_time());
  rooms_.events.Append({now, record.name(), absl::StrCat("FAILED, ", reason)}).IgnoreError();
  return rooms_.records.Put(record.name(), record.SerializeAsString(), now);
}

absl::StatusOr<std::string> Campaigns::TakeUp(v1::Campaign record) {
  const std::string name = record.name();
  std::string reason;
  if (RestartsLately(record, rooms_.clock.Now()) >= kMostRestarts) {
    reason = absl::StrCat("the daemon stopped during it more than ", kMostRestarts,
                          " times within an hour");
  } else if (Running().has_value()) {
    reason = absl::StrCat(kDaemonStopped, ", and another campaign goes on in its place");
  } else {
    absl::StatusOr<CampaignScript> script = preparation_.TakeUp(record);
    if (script.ok()) {
      absl::MutexLock lock(&mutex_);
      Launch(*std::move(script));
      return absl::StrCat(name, " was under way when the daemon stopped; it goes on");
    }
    reason = absl::StrCat(kDaemonStopped, " and it cannot go on: ", script.status().message());
  }
  GRAYLING_RETURN_IF_ERROR(Fail(std::move(record), reason));
  return absl::StrCat(name, " was under way when the daemon stopped; it is FAILED: ", reason);
}

absl::StatusOr<std::vector<std::string>> Campaigns::TakeUpInterrupted() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<v1::Campaign> campaigns, List());
  std::vector<std::string> sentences;
  for (const v1::Campaign& campaign : campaigns) {
    if (CampaignSnapshot{campaign}.HasEnded()) continue;
    GRAYLING_ASSIGN_OR_RETURN(std::string sentence, TakeUp(campaign));
    sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace grayling
