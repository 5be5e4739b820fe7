#include "daemon/detect/alarm_log.h"

#include <sqlite3.h>

#include "detect_fixture.h"

namespace grayling {
namespace {

class AlarmLogTest : public DetectFixture {
 protected:
  std::vector<v1::Alarm> Alarms() {
    auto alarms = alarms_->List();
    EXPECT_TRUE(alarms.ok()) << alarms.status();
    return alarms.value_or(std::vector<v1::Alarm>{});
  }
  void Report(int64_t second, const std::string& service, float score) {
    const absl::Status status = alarms_->Report(At(second), "models/1", service, score);
    EXPECT_TRUE(status.ok()) << status;
  }
  void Sql(const char* statement) {
    ASSERT_TRUE(database_
                    ->Run([statement](sqlite3* db) {
                      return SqliteStatus(sqlite3_exec(db, statement, nullptr, nullptr, nullptr),
                                          db, "preparing the test");
                    })
                    .ok());
  }
};

TEST_F(AlarmLogTest, AnAlarmHasItsBeginEndAndPeak) {
  Report(10, "a", 0.6f);
  Report(11, "b", 0.9f);
  Report(12, "a", 0.7f);
  ASSERT_EQ(Alarms().size(), 1u);
  EXPECT_FALSE(Alarms()[0].has_end_time());
  ASSERT_TRUE(alarms_->Clear(At(13)).ok());
  const v1::Alarm alarm = Alarms().at(0);
  EXPECT_EQ(alarm.name(), "alarms/1");
  EXPECT_EQ(alarm.model(), "models/1");
  EXPECT_EQ(alarm.start_time().seconds(), kStartS + 10);
  EXPECT_EQ(alarm.end_time().seconds(), kStartS + 13);
  EXPECT_EQ(alarm.service(), "b");
  EXPECT_FLOAT_EQ(static_cast<float>(alarm.score()), 0.9f);
}

TEST_F(AlarmLogTest, TheOneThatLastsShowsItsPeakSoFar) {
  Report(10, "a", 0.6f);
  Report(11, "b", 0.9f);
  EXPECT_EQ(Alarms().at(0).service(), "b");
}

TEST_F(AlarmLogTest, NewestComesFirst) {
  for (int i = 0; i < 3; ++i) {
    Report(i * 10, "a", 0.9f);
    ASSERT_TRUE(alarms_->Clear(At(i * 10 + 1)).ok());
  }
  EXPECT_EQ(Alarms().at(0).name(), "alarms/3");
  EXPECT_EQ(Alarms().at(2).name(), "alarms/1");
}

TEST_F(AlarmLogTest, ClearingWithoutAnAlarmWritesNothing) {
  EXPECT_TRUE(alarms_->Clear(At(1)).ok());
  EXPECT_TRUE(Alarms().empty());
}

TEST_F(AlarmLogTest, AfterADeathAnOpenAlarmEndsAtTheNewStart) {
  Report(10, "a", 0.9f);
  AlarmLog reborn(*records_);
  ASSERT_TRUE(reborn.EndLeftOver(At(500)).ok());
  const auto alarms = reborn.List();
  ASSERT_TRUE(alarms.ok());
  EXPECT_EQ(alarms->at(0).end_time().seconds(), kStartS + 500);
}

TEST_F(AlarmLogTest, AnUnreadableRecordHidesNoOther) {
  ASSERT_TRUE(records_->Put("alarms/1", "\xff", At(1)).ok());
  v1::Alarm open;
  open.set_name("alarms/2");
  ASSERT_TRUE(records_->Put(open.name(), open.SerializeAsString(), At(2)).ok());
  const absl::Status ended = alarms_->EndLeftOver(At(500));
  ASSERT_TRUE(ended.ok()) << ended;
  ASSERT_EQ(Alarms().size(), 1u);
  EXPECT_EQ(Alarms()[0].end_time().seconds(), kStartS + 500);
}

TEST_F(AlarmLogTest, ABeginThatCouldNotBeWrittenIsTriedAgain) {
  Sql("ALTER TABLE records RENAME TO hidden");
  EXPECT_FALSE(alarms_->Report(At(10), "models/1", "a", 0.9f).ok());
  Sql("ALTER TABLE hidden RENAME TO records");
  Report(11, "a", 0.8f);
  EXPECT_EQ(Alarms().at(0).start_time().seconds(), kStartS + 10);
}

}  // namespace
}  // namespace grayling
