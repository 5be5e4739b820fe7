#include "daemon/store/fault_journal.h"

#include <rapidcheck.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FaultJournalTest : public ::testing::Test {
 protected:
  void Open() {
    auto opened = Database::Open(folder_.File("state.db"));
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }
  void SetUp() override { Open(); }
  void Reopen() {
    database_.reset();
    Open();
  }
  FaultJournal Journal() { return FaultJournal(*database_); }

  static FaultRecord Fault(const std::string& name, FaultState state) {
    FaultRecord record;
    record.name = name;
    record.kind = "network-delay";
    record.vm = "vms/lab";
    record.service = "customers-service";
    record.parameters = {{"delay_ms", 120.25}, {"jitter_ms", 0.1}};
    record.duration = absl::Seconds(90);
    record.state = state;
    record.undo = R"(["tc","qdisc","del","dev","veth0","root"])";
    record.created = absl::FromUnixNanos(1'700'000'000'123'456'789);
    return record;
  }
  std::vector<std::string> Names(bool active_only) {
    std::vector<std::string> names;
    const std::vector<FaultRecord> records = *Journal().List(active_only);
    for (const FaultRecord& record : records) names.push_back(record.name);
    return names;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(FaultJournalTest, GivesBackEveryFieldAfterARestart) {
  FaultRecord put = Fault("faults/1", FaultState::kVerified);
  put.reason = "none";
  put.campaign = "campaigns/1";
  put.verified = put.created + absl::Nanoseconds(1);
  ASSERT_TRUE(Journal().Put(put).ok());
  Reopen();
  const FaultRecord got = *Journal().Get("faults/1");
  EXPECT_EQ(got.kind, put.kind);
  EXPECT_EQ(got.vm, put.vm);
  EXPECT_EQ(got.service, put.service);
  EXPECT_EQ(got.parameters, put.parameters);
  EXPECT_EQ(got.duration, put.duration);
  EXPECT_EQ(got.state, put.state);
  EXPECT_EQ(got.undo, put.undo);
  EXPECT_EQ(got.reason, put.reason);
  EXPECT_EQ(got.campaign, put.campaign);
  EXPECT_EQ(got.created, put.created);
  EXPECT_EQ(got.verified, put.verified);
  EXPECT_EQ(got.reverted, absl::InfinitePast());
}

TEST_F(FaultJournalTest, ReplacesByNameAndKeepsTheOrder) {
  ASSERT_TRUE(Journal().Put(Fault("faults/1", FaultState::kPlanned)).ok());
  ASSERT_TRUE(Journal().Put(Fault("faults/2", FaultState::kPlanned)).ok());
  ASSERT_TRUE(Journal().Put(Fault("faults/1", FaultState::kApplied)).ok());
  EXPECT_THAT(Names(false), ElementsAre("faults/2", "faults/1"));
  EXPECT_EQ(Journal().Get("faults/1")->state, FaultState::kApplied);
}

TEST_F(FaultJournalTest, ListsAsActiveExactlyWhatMayStillAct) {
  for (int state = 1; state <= static_cast<int>(FaultState::kResidue); ++state) {
    const auto value = static_cast<FaultState>(state);
    ASSERT_TRUE(Journal().Put(Fault(std::string(FaultStateName(value)), value)).ok());
  }
  EXPECT_THAT(Names(true),
              ElementsAre("RESIDUE", "REVERTING", "VERIFIED", "APPLIED", "ARMED", "PLANNED"));
  const std::vector<FaultRecord> all = *Journal().List(false);
  const std::vector<std::string> active = Names(true);
  for (const FaultRecord& record : all) {
    const bool listed = std::count(active.begin(), active.end(), record.name) == 1;
    EXPECT_EQ(listed, record.MayBeActive()) << record.name;
  }
}

TEST_F(FaultJournalTest, SaysWhichFaultIsUnknown) {
  const absl::Status status = Journal().Get("faults/9").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("'faults/9'"));
}

TEST_F(FaultJournalTest, KeepsAnyParametersBitForBit) {
  EXPECT_TRUE(rc::check([this](const std::map<std::string, int64_t>& raw) {
    FaultRecord record = Fault("faults/1", FaultState::kPlanned);
    record.parameters.clear();
    int key = 0;
    for (const auto& [unused, value] : raw) {
      record.parameters[absl::StrCat("p", ++key)] = static_cast<double>(value) / 7.0;
    }
    RC_ASSERT(Journal().Put(record).ok());
    RC_ASSERT(Journal().Get("faults/1")->parameters == record.parameters);
  }));
}

}  // namespace
}  // namespace grayling
