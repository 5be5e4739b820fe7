#include "daemon/calibration/load_limit.h"

#include <gmock/gmock.h>

#include "base/manual_clock.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// An application that answers ten requests a second to each user up to `bears_`, and fails a tenth
// of all requests beyond.
class BearingLoad final : public LoadGenerator {
 public:
  BearingLoad(Clock& clock, uint32_t bears) : clock_(clock), bears_(bears) {}

  absl::Status Start(const LoadSettings& settings) override {
    if (is_running_) return absl::FailedPreconditionError("a load runs already");
    is_running_ = true;
    settings_ = settings;
    started_ = clock_.Now();
    tried_.push_back(settings.users);
    fails_ = settings.users > bears_ || tried_.size() == hiccup_at_;
    return absl::OkStatus();
  }
  absl::Status Stop() override {
    is_running_ = false;
    return absl::OkStatus();
  }
  LoadStatistics Statistics() override {
    LoadStatistics statistics;
    statistics.running = is_running_;
    statistics.requests = static_cast<uint64_t>(
        10.0 * settings_.users * absl::ToDoubleSeconds(clock_.Now() - started_));
    if (fails_) statistics.errors = statistics.requests / 10;
    return statistics;
  }
  LoadSettings Settings() override { return settings_; }
  LatencyHistogram Latencies() override { return {}; }

  Clock& clock_;
  const uint32_t bears_;
  size_t hiccup_at_ = 0;  // the look, from 1, that fails whatever the number is
  bool is_running_ = false;
  bool fails_ = false;
  absl::Time started_;
  LoadSettings settings_;
  std::vector<uint32_t> tried_;
};

class LoadLimitTest : public testing::Test {
 protected:
  absl::StatusOr<uint32_t> Find(BearingLoad& load) {
    return FindLoadLimit(request_, load, clock_, stop_,
                         [this](const LoadLimitPoint& point) { points_.push_back(point); });
  }

  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  absl::Notification stop_;
  LoadLimitRequest request_{.limits = *ParseSlo("errors<=1%")};
  std::vector<LoadLimitPoint> points_;
};

TEST_F(LoadLimitTest, FindsTheLargestNumberThatKeepsTheLimits) {
  BearingLoad load(clock_, 37);
  EXPECT_EQ(Find(load).value(), 37u);
  EXPECT_FALSE(load.is_running_);
  EXPECT_EQ(points_.front().users, 5u);
  EXPECT_EQ(points_.front().broken, "");
  EXPECT_NEAR(points_.front().clients.good_per_second.front(), 50, 1);
}

TEST_F(LoadLimitTest, StopsWithinATwentiethOfALargeNumber) {
  BearingLoad load(clock_, 437);
  const uint32_t found = Find(load).value();
  EXPECT_LE(found, 437u);
  EXPECT_GE(found, 437u * 19 / 20 - 1);
}

TEST_F(LoadLimitTest, ABrokenLimitIsLookedAtTwiceSoThatOneHiccupDecidesNothing) {
  BearingLoad load(clock_, 37);
  load.hiccup_at_ = 2;
  EXPECT_EQ(Find(load).value(), 37u);
  EXPECT_EQ(load.tried_[1], load.tried_[2]);
  EXPECT_THAT(points_[1].broken, HasSubstr("errors is 10 %"));
}

TEST_F(LoadLimitTest, EndsAtTheMostUsersThatMayBeTried) {
  BearingLoad load(clock_, 10'000);
  request_.most_users = 60;
  EXPECT_EQ(Find(load).value(), 60u);
  EXPECT_THAT(load.tried_, testing::ElementsAre(5, 10, 20, 40, 60));
}

TEST_F(LoadLimitTest, NotEvenOneUserIsZero) {
  BearingLoad load(clock_, 0);
  EXPECT_EQ(Find(load).value(), 0u);
}

TEST_F(LoadLimitTest, StopsTheLoadWhenItIsCalledOff) {
  BearingLoad load(clock_, 37);
  stop_.Notify();
  EXPECT_EQ(Find(load).status().code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(load.is_running_);
  EXPECT_TRUE(points_.empty());
}

TEST_F(LoadLimitTest, LeavesALoadOfSomebodyElseAlone) {
  BearingLoad load(clock_, 37);
  load.is_running_ = true;
  EXPECT_EQ(Find(load).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(load.is_running_);
}

TEST_F(LoadLimitTest, RefusesWhatCannotBeSearched) {
  BearingLoad load(clock_, 37);
  request_.settings.model = LoadModel::kOpen;
  EXPECT_THAT(Find(load).status().message(), HasSubstr("leave the rate out"));
  request_.settings.model = LoadModel::kClosed;
  request_.first_users = 501;
  EXPECT_THAT(Find(load).status().message(), HasSubstr("between 1 and the largest"));
  request_.first_users = 5;
  request_.look_s = 1;
  EXPECT_THAT(Find(load).status().message(), HasSubstr("5 to 3600"));
}

}  // namespace
}  // namespace grayling
