#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "base/proto_time.h"
#include "daemon/campaign/campaigns.h"
#include "tests/unit/fault/faults_fixture.h"

namespace grayling {

class FakeLoadGenerator final : public LoadGenerator {
 public:
  absl::Status Start(const LoadSettings& settings) override {
    absl::MutexLock lock(&mutex_);
    if (is_running_) return absl::FailedPreconditionError("a load runs already");
    is_running_ = true;
    settings_ = settings;
    statistics_ = {};
    ++starts_;
    return absl::OkStatus();
  }
  absl::Status Stop() override {
    absl::MutexLock lock(&mutex_);
    is_running_ = false;
    return absl::OkStatus();
  }
  LoadStatistics Statistics() override {
    absl::MutexLock lock(&mutex_);
    LoadStatistics statistics = statistics_;
    statistics.running = is_running_;
    return statistics;
  }
  LatencyHistogram Latencies() override { return {}; }
  LoadSettings Settings() override {
    absl::MutexLock lock(&mutex_);
    return settings_;
  }
  // A second of requests as the clients saw it.
  void Serve(uint64_t requests, uint64_t errors, double p95_ms) {
    absl::MutexLock lock(&mutex_);
    statistics_.requests += requests;
    statistics_.errors += errors;
    statistics_.requests_per_second = static_cast<double>(requests);
    statistics_.p50_ms = statistics_.p95_ms = statistics_.p99_ms = p95_ms;
  }
  int starts() {
    absl::MutexLock lock(&mutex_);
    return starts_;
  }

 private:
  absl::Mutex mutex_;
  bool is_running_ ABSL_GUARDED_BY(mutex_) = false;
  LoadSettings settings_ ABSL_GUARDED_BY(mutex_);
  LoadStatistics statistics_ ABSL_GUARDED_BY(mutex_);
  int starts_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Jumps like ManualClock, but no further than the instant at which it is to halt: who sleeps beyond
// it waits there until it is stopped, or the halt is moved on. A sleep without end moves nothing.
class HaltingClock final : public Clock {
 public:
  explicit HaltingClock(absl::Time start) : clock_(start) {}
  absl::Time Now() override { return clock_.Now(); }
  bool SleepUntil(absl::Time deadline, const absl::Notification& stop) override {
    if (before_sleep) before_sleep(deadline);
    while (true) {
      const absl::Time halt = halt_at();
      if (deadline < halt || Now() >= deadline) return clock_.SleepUntil(deadline, stop);
      if (halt < absl::InfiniteFuture() && !clock_.SleepUntil(halt, stop)) return false;
      NoteWaiting(halt);
      if (stop.WaitForNotificationWithTimeout(absl::Milliseconds(1))) return false;
    }
  }
  void Advance(absl::Duration by) { clock_.Advance(by); }
  void HaltAt(absl::Time halt) {
    absl::MutexLock lock(&mutex_);
    halt_at_ = halt;
    waits_at_ = absl::InfinitePast();
  }
  // Returns when somebody sleeps at the halt.
  void AwaitHalt() {
    absl::MutexLock lock(&mutex_);
    const auto waits = [this]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return waits_at_ == halt_at_; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&waits), absl::Seconds(30)))
        << "nobody came to the halt";
  }

  std::function<void(absl::Time deadline)> before_sleep;  // set before anybody sleeps

 private:
  absl::Time halt_at() {
    absl::MutexLock lock(&mutex_);
    return halt_at_;
  }
  void NoteWaiting(absl::Time halt) {
    absl::MutexLock lock(&mutex_);
    waits_at_ = halt;
  }

  ManualClock clock_;
  absl::Mutex mutex_;
  absl::Time halt_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Time waits_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

// 10 s of warm-up, then windows of 4 + 6 + 2 s, then 3 s of cool-down.
inline std::string PlanOf(const std::string& faults, int repetitions = 1) {
  return R"(
name: trial
vm: vms/lab
load: {url: 'forward:8080', users: 8}
scrape: [probe]
phases: {warmup_s: 10, before_s: 4, during_s: 6, after_s: 2, cooldown_s: 3}
repetitions: )" +
         std::to_string(repetitions) + "\nfaults:\n" + faults;
}

inline std::string TwoWindows() {
  return PlanOf(
      "  - {kind: network.delay, services: [visits-service], parameters: {delay_ms: 40}}\n"
      "  - {kind: cpu.load, services: [vets-service]}\n");
}

inline std::string FiveWindows() {
  return PlanOf("  - {kind: network.delay, services: [visits-service]}\n", 5);
}

class CampaignsTest : public ::testing::Test {
 protected:
  CampaignsTest() { RestartDaemon(); }

  void RestartDaemon() {
    campaigns_.reset();
    load_.Stop().IgnoreError();  // as the daemon's death does
    faults_ = std::make_unique<Faults>(journal_, events_, guests_, ProbeInjectors(guests_), clock_);
    campaigns_ = std::make_unique<Campaigns>(
        CampaignRooms{records_, events_, *faults_, load_, clock_, guests_},
        CampaignSurroundings{
            [](const std::string& vm, uint16_t port) -> absl::StatusOr<std::string> {
              if (port != 8080) return absl::NotFoundError(vm + " forwards no such port");
              return "http://127.0.0.1:40123";
            },
            []() -> absl::StatusOr<std::vector<std::string>> {
              return std::vector<std::string>{"scrapeTargets/probe", "node"};
            }});
  }

  v1::Campaign Started(const std::string& plan) {
    absl::StatusOr<v1::Campaign> campaign = campaigns_->Start(plan);
    EXPECT_TRUE(campaign.ok()) << campaign.status();
    return campaign.ok() ? *std::move(campaign) : v1::Campaign();
  }

  // The campaign when it has ended.
  v1::Campaign Ended(const std::string& name) {
    uint64_t seen = 0;
    while (true) {
      const auto snapshot = campaigns_->WaitForChange(name, seen, absl::Seconds(30));
      EXPECT_TRUE(snapshot.ok()) << snapshot.status();
      if (!snapshot.ok()) return {};
      if (snapshot->HasEnded()) return snapshot->campaign;
      EXPECT_GT(snapshot->version, seen) << "no change within 30 s";
      if (snapshot->version == seen) return snapshot->campaign;
      seen = snapshot->version;
    }
  }

  v1::Campaign Executed(const std::string& plan) { return Ended(Started(plan).name()); }

  std::vector<Event> EventsOf(const std::string& name) {
    absl::StatusOr<std::vector<Event>> events = campaigns_->Events(name);
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? *std::move(events) : std::vector<Event>{};
  }
  std::vector<std::string> EventTexts(const std::string& name) {
    std::vector<std::string> texts;
    for (const Event& event : EventsOf(name)) texts.push_back(event.text);
    return texts;
  }

  v1::Campaign Stored(const std::string& name) {
    v1::Campaign campaign;
    const auto record = records_.Get(name);
    EXPECT_TRUE(record.ok()) << record.status();
    if (record.ok()) {
      EXPECT_TRUE(campaign.ParseFromString(record->body));
    }
    return campaign;
  }

  absl::Time start_ = absl::FromUnixSeconds(1'772'360'100);
  TemporaryDatabase database_;
  FaultJournal journal_{*database_};
  EventLog events_{*database_};
  RecordStore records_{*database_, "campaigns"};
  HaltingClock clock_{start_};
  FakeProbeExecutor guest_{clock_, absl::ZeroDuration()};
  OneGuest guests_{guest_};
  FakeLoadGenerator load_;
  std::unique_ptr<Faults> faults_;
  std::unique_ptr<Campaigns> campaigns_;
};

}  // namespace grayling
