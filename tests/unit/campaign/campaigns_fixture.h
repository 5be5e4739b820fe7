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
    return absl::OkStatus();
  }
  absl::Status Stop() override {
    absl::MutexLock lock(&mutex_);
    is_running_ = false;
    return absl::OkStatus();
  }
  LoadStatistics Statistics() override {
    absl::MutexLock lock(&mutex_);
    LoadStatistics statistics;
    statistics.running = is_running_;
    return statistics;
  }
  LatencyHistogram Latencies() override { return {}; }
  LoadSettings Settings() override {
    absl::MutexLock lock(&mutex_);
    return settings_;
  }

 private:
  absl::Mutex mutex_;
  bool is_running_ ABSL_GUARDED_BY(mutex_) = false;
  LoadSettings settings_ ABSL_GUARDED_BY(mutex_);
};

// Jumps like ManualClock, but halts at one instant until whoever sleeps is stopped.
class HaltingClock final : public Clock {
 public:
  explicit HaltingClock(absl::Time start) : clock_(start) {}
  absl::Time Now() override { return clock_.Now(); }
  bool SleepUntil(absl::Time deadline, const absl::Notification& stop) override {
    if (before_sleep) before_sleep(deadline);
    if (deadline < halt_at) return clock_.SleepUntil(deadline, stop);
    clock_.SleepUntil(halt_at, stop);
    if (!halted.HasBeenNotified()) halted.Notify();
    stop.WaitForNotification();
    return false;
  }
  void Advance(absl::Duration by) { clock_.Advance(by); }

  absl::Time halt_at = absl::InfiniteFuture();  // set before the campaign starts
  absl::Notification halted;
  std::function<void(absl::Time deadline)> before_sleep;

 private:
  ManualClock clock_;
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
    faults_ = std::make_unique<Faults>(journal_, events_, guests_, ProbeInjectors(guests_), clock_);
    campaigns_ = std::make_unique<Campaigns>(
        CampaignRooms{records_, events_, *faults_, load_, clock_},
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

  v1::Campaign Stored(const std::string& name) {
    v1::Campaign campaign;
    const auto record = records_.Get(name);
    EXPECT_TRUE(record.ok()) << record.status();
    if (record.ok()) {
      EXPECT_TRUE(campaign.ParseFromString(record->body));
    }
    return campaign;
  }

  const absl::Time start_ = absl::FromUnixSeconds(1'772'360'100);
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
