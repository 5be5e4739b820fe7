#include "daemon/retention/pins.h"

#include "absl/functional/function_ref.h"
#include "absl/time/clock.h"
#include "base/manual_clock.h"
#include "base/proto_time.h"
#include "daemon/retention/retention.h"
#include "gmock/gmock.h"
#include "grayling/v1/campaign.pb.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class PinsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = *Database::Open(folder_.File("state.db"));
    records_ = std::make_unique<RecordStore>(*database_, "pins");
    campaigns_ = std::make_unique<RecordStore>(*database_, "campaigns");
    pins_ = std::make_unique<Pins>(*records_, *campaigns_, clock_);
  }
  static v1::Pin Span(absl::Time start, absl::Time end) {
    v1::Pin pin;
    ToProto(start, pin.mutable_start_time());
    if (end != absl::InfiniteFuture()) ToProto(end, pin.mutable_end_time());
    return pin;
  }
  void PutCampaign(v1::CampaignState state, absl::Time start, absl::Time end) {
    v1::Campaign campaign;
    campaign.set_name("campaigns/demo");
    campaign.set_state(state);
    ToProto(start, campaign.mutable_start_time());
    if (end != absl::InfiniteFuture()) ToProto(end, campaign.mutable_end_time());
    ASSERT_TRUE(campaigns_->Put(campaign.name(), campaign.SerializeAsString(), kNow).ok());
  }
  // One sample at each age in hours.
  static void Record(MemorySampleStore& store, const std::vector<double>& ages) {
    for (const double hours : ages) {
      const int64_t time_ms = absl::ToUnixMillis(kNow - hours * absl::Hours(1));
      ASSERT_TRUE(store.Append(store.Batch(time_ms, {{"m", 1}})).ok());
    }
  }
  static std::vector<double> HoursOf(MemorySampleStore& store) {
    std::vector<double> ages;
    for (const MemorySampleStore::Sample& sample : store.Samples()) {
      ages.push_back(absl::ToDoubleHours(kNow - absl::FromUnixMillis(sample.time_ms)));
    }
    return ages;
  }
  static bool Until(absl::FunctionRef<bool()> happened) {
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    while (!happened() && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(5));
    return happened();
  }

  TemporaryFolder folder_;
  ManualClock clock_{kNow};
  std::unique_ptr<Database> database_;
  std::unique_ptr<RecordStore> records_;
  std::unique_ptr<RecordStore> campaigns_;
  std::unique_ptr<Pins> pins_;
};

TEST_F(PinsTest, APinMadeByHandIsKeptAcrossARestart) {
  v1::Pin pin = Span(kNow - absl::Hours(1), kNow);
  pin.set_note("the good hour");
  ASSERT_TRUE(pins_->Create("good", pin).ok());
  Pins restarted(*records_, *campaigns_, clock_);
  const auto list = restarted.List();
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->at(0).name(), "pins/good");
  EXPECT_EQ(list->at(0).note(), "the good hour");
  EXPECT_EQ(restarted.Kept()->at(0).begin, kNow - absl::Hours(1));
  EXPECT_EQ(restarted.Kept()->at(0).end, kNow);
}

TEST_F(PinsTest, WithoutAnEndEverythingFromTheStartOnIsKept) {
  ASSERT_TRUE(pins_->Create("open", Span(kNow, absl::InfiniteFuture())).ok());
  EXPECT_EQ(pins_->Kept()->at(0).end, absl::InfiniteFuture());
}

TEST_F(PinsTest, RefusesWhatIsNoPin) {
  EXPECT_TRUE(absl::IsInvalidArgument(pins_->Create("a b", Span(kNow, kNow)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(pins_->Create("a", v1::Pin()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(pins_->Create("a", Span(kNow, kNow)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      pins_->Create("campaign-1", Span(kNow, absl::InfiniteFuture())).status()));
  ASSERT_TRUE(pins_->Create("a", Span(kNow, absl::InfiniteFuture())).ok());
  EXPECT_TRUE(
      absl::IsAlreadyExists(pins_->Create("a", Span(kNow, absl::InfiniteFuture())).status()));
}

TEST_F(PinsTest, ACampaignIsPinnedFromItsStart) {
  PutCampaign(v1::CAMPAIGN_STATE_RUNNING, kNow, absl::InfiniteFuture());
  const auto list = pins_->List();
  ASSERT_EQ(list->size(), 1u);
  EXPECT_EQ(list->at(0).name(), "pins/campaign-demo");
  EXPECT_EQ(list->at(0).campaign(), "campaigns/demo");
  EXPECT_LT(pins_->Kept()->at(0).begin, kNow);
  EXPECT_EQ(pins_->Kept()->at(0).end, absl::InfiniteFuture());
}

TEST_F(PinsTest, AnEndedCampaignIsPinnedToItsEnd) {
  PutCampaign(v1::CAMPAIGN_STATE_COMPLETED, kNow - absl::Hours(2), kNow - absl::Hours(1));
  EXPECT_GT(pins_->Kept()->at(0).end, kNow - absl::Hours(1));
  EXPECT_LT(pins_->Kept()->at(0).end, kNow);
}

TEST_F(PinsTest, TheDeletedPinOfACampaignStaysDeletedAndSaysWhatItMeans) {
  PutCampaign(v1::CAMPAIGN_STATE_COMPLETED, kNow - absl::Hours(2), kNow - absl::Hours(1));
  const auto consequence = pins_->Delete("pins/campaign-demo");
  ASSERT_TRUE(consequence.ok());
  EXPECT_THAT(*consequence, HasSubstr("campaigns/demo"));
  EXPECT_THAT(*consequence, HasSubstr("no dataset"));
  EXPECT_TRUE(Pins(*records_, *campaigns_, clock_).List()->empty());
  EXPECT_TRUE(absl::IsNotFound(pins_->Delete("pins/campaign-demo").status()));
}

TEST_F(PinsTest, DeletingWhatIsNotThereIsAnError) {
  EXPECT_TRUE(absl::IsNotFound(pins_->Delete("pins/none").status()));
}

TEST_F(PinsTest, RetentionForgetsWhatIsOldAndNotPinned) {
  ASSERT_TRUE(pins_->Create("good", Span(kNow - absl::Hours(100), kNow - absl::Hours(99))).ok());
  PutCampaign(v1::CAMPAIGN_STATE_COMPLETED, kNow - absl::Hours(80), kNow - absl::Hours(79));
  MemorySampleStore store;
  Record(store, {101, 99.5, 90, 79.5, 25, 23});
  Retention retention(store, *pins_, absl::Hours(24), clock_);
  ASSERT_TRUE(retention.Forget().ok());
  EXPECT_THAT(HoursOf(store), ElementsAre(99.5, 79.5, 23));
}

TEST_F(PinsTest, RetentionGoesOnEveryHour) {
  MemorySampleStore store;
  Record(store, {22.5});
  Retention retention(store, *pins_, absl::Hours(24), clock_);
  retention.Start();
  EXPECT_TRUE(Until([&] { return store.Samples().empty(); }));
  EXPECT_GE(clock_.Now(), kNow + absl::Hours(2));
}

TEST_F(PinsTest, NothingIsForgottenWhileAPinCannotBeRead) {
  ASSERT_TRUE(campaigns_->Put("campaigns/bad", "\xff\xff", kNow).ok());
  MemorySampleStore store;
  Record(store, {25});
  Retention retention(store, *pins_, absl::Hours(24), clock_);
  EXPECT_TRUE(absl::IsDataLoss(retention.Forget()));
  EXPECT_THAT(HoursOf(store), ElementsAre(25));
}

}  // namespace
}  // namespace grayling
