#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/manual_clock.h"
#include "daemon/fault/faults.h"
#include "daemon/fault/probe_injector.h"
#include "daemon/store/database.h"
#include "tests/unit/fault/fake_probe_executor.h"

namespace grayling {

// A database of its own in a folder that goes with the test.
class TemporaryDatabase {
 public:
  TemporaryDatabase() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "grayling-fault-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    database_ = *Database::Open(folder_ + "/state.db");
  }
  ~TemporaryDatabase() {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  Database& operator*() { return *database_; }

 private:
  std::string folder_;
  std::unique_ptr<Database> database_;
};

inline std::vector<std::unique_ptr<Injector>> ProbeInjectors(Guests& guests) {
  std::vector<std::unique_ptr<Injector>> injectors;
  injectors.push_back(std::make_unique<ProbeInjector>(guests));
  return injectors;
}

// How long a fault acted, in whole seconds: instants come through a measured clock offset, whose
// error is real here.
inline double WholeSeconds(const FaultRecord& fault) {
  return std::round(absl::ToDoubleSeconds(fault.reverted - fault.verified));
}

class FaultsTest : public ::testing::Test {
 protected:
  // What a daemon has after it was killed and started again: the same journal, nothing else.
  void RestartDaemon() {
    faults_ = std::make_unique<Faults>(journal_, events_, guests_, ProbeInjectors(guests_), clock_);
  }

  FaultRequest Delay(const std::string& service = "visits-service") {
    return {"network.delay", "vms/lab", service, {{"delay_ms", 40}}, absl::Seconds(12), ""};
  }

  FaultRecord Injected(const FaultRequest& request) {
    absl::StatusOr<FaultRecord> fault = faults_->Inject(request);
    EXPECT_TRUE(fault.ok()) << fault.status();
    return fault.ok() ? *std::move(fault) : FaultRecord();
  }

  FaultRecord Journalled(const std::string& name) {
    absl::StatusOr<FaultRecord> fault = journal_.Get(name);
    EXPECT_TRUE(fault.ok()) << fault.status();
    return fault.ok() ? *std::move(fault) : FaultRecord();
  }

  std::vector<std::string> LoggedTexts() {
    std::vector<std::string> texts;
    const auto events = events_.Between(absl::UnixEpoch(), absl::Now() + absl::Hours(1000000));
    EXPECT_TRUE(events.ok()) << events.status();
    for (const Event& event : *events) texts.push_back(event.text);
    return texts;
  }

  TemporaryDatabase database_;
  FaultJournal journal_{*database_};
  EventLog events_{*database_};
  ManualClock clock_{absl::FromUnixSeconds(1'772'360'100)};
  FakeProbeExecutor guest_{clock_, absl::Seconds(7)};
  OneGuest guests_{guest_};
  std::unique_ptr<Faults> faults_ =
      std::make_unique<Faults>(journal_, events_, guests_, ProbeInjectors(guests_), clock_);
};

}  // namespace grayling
