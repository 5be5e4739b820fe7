#include "daemon/store/records.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class RecordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = Database::Open(folder_.File("state.db"));
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = *std::move(opened);
  }

  TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
};

TEST_F(RecordsTest, ReplaceTheBodyAndKeepTheFirstCreationTime) {
  RecordStore vms(*database_, "vms");
  ASSERT_TRUE(vms.Put("vms/lab", "one", kNow).ok());
  ASSERT_TRUE(vms.Put("vms/lab", std::string("\0two", 4), kNow + absl::Seconds(9)).ok());
  const Record record = *vms.Get("vms/lab");
  EXPECT_EQ(record.name, "vms/lab");
  EXPECT_EQ(record.body, std::string("\0two", 4));
  EXPECT_EQ(record.created, kNow);
}

TEST_F(RecordsTest, ListTheirOwnCollectionOldestFirst) {
  RecordStore vms(*database_, "vms");
  RecordStore models(*database_, "models");
  ASSERT_TRUE(vms.Put("vms/b", "", kNow).ok());
  ASSERT_TRUE(models.Put("models/1", "", kNow).ok());
  ASSERT_TRUE(vms.Put("vms/a", "", kNow).ok());
  std::vector<std::string> names;
  const std::vector<Record> records = *vms.List();
  for (const Record& record : records) names.push_back(record.name);
  EXPECT_THAT(names, ElementsAre("vms/b", "vms/a"));
}

TEST_F(RecordsTest, AreGoneAfterDeleteAndASecondDeleteSaysSo) {
  RecordStore vms(*database_, "vms");
  ASSERT_TRUE(vms.Put("vms/lab", "", kNow).ok());
  EXPECT_TRUE(vms.Delete("vms/lab").ok());
  EXPECT_EQ(vms.Delete("vms/lab").code(), absl::StatusCode::kNotFound);
  const absl::Status status = vms.Get("vms/lab").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("in vms"));
}

TEST_F(RecordsTest, NumbersAreNeverGivenTwiceEvenAfterADelete) {
  RecordStore models(*database_, "models");
  EXPECT_EQ(*models.NextNumber(), 1);
  ASSERT_TRUE(models.Put("models/1", "", kNow).ok());
  ASSERT_TRUE(models.Delete("models/1").ok());
  EXPECT_EQ(*models.NextNumber(), 2);
  EXPECT_EQ(*RecordStore(*database_, "alarms").NextNumber(), 1);
}

TEST_F(RecordsTest, EventsComeBackInTimeOrderWithinAHalfOpenSpan) {
  EventLog log(*database_);
  ASSERT_TRUE(log.Append({kNow + absl::Seconds(2), "faults/1", "late"}).ok());
  ASSERT_TRUE(log.Append({kNow, "vms/lab", "early"}).ok());
  ASSERT_TRUE(log.Append({kNow + absl::Nanoseconds(1), "vms/lab", "next"}).ok());
  std::vector<std::string> texts;
  const std::vector<Event> events = *log.Between(kNow, kNow + absl::Seconds(2));
  for (const Event& event : events) texts.push_back(event.text);
  EXPECT_THAT(texts, ElementsAre("early", "next"));
  EXPECT_EQ(log.Between(kNow, absl::InfiniteFuture())->size(), 3u);
}

}  // namespace
}  // namespace grayling
