#include "daemon/load/load_generators.h"

#include <gmock/gmock.h>

#include <string>

namespace grayling {
namespace {

class FakeGenerator final : public LoadGenerator {
 public:
  absl::Status Start(const LoadSettings& settings) override {
    if (!refusal_.ok()) return refusal_;
    settings_ = settings;
    running_ = true;
    ++starts_;
    return absl::OkStatus();
  }
  absl::Status Stop() override {
    running_ = false;
    return absl::OkStatus();
  }
  LoadStatistics Statistics() override {
    LoadStatistics statistics;
    statistics.running = running_;
    statistics.requests = requests_;
    return statistics;
  }
  LoadSettings Settings() override { return settings_; }
  LatencyHistogram Latencies() override { return {}; }

  absl::Status refusal_;
  LoadSettings settings_;
  bool running_ = false;
  int starts_ = 0;
  uint64_t requests_ = 0;
};

LoadSettings WithPlan(const std::string& plan) {
  LoadSettings settings;
  settings.jmeter_plan = plan;
  return settings;
}

class LoadGeneratorsTest : public ::testing::Test {
 protected:
  LoadGeneratorsTest() {
    auto built_in = std::make_unique<FakeGenerator>();
    auto jmeter = std::make_unique<FakeGenerator>();
    built_in_ = built_in.get();
    jmeter_ = jmeter.get();
    built_in_->requests_ = 1;
    jmeter_->requests_ = 2;
    all_ = std::make_unique<LoadGenerators>(std::move(built_in), std::move(jmeter));
  }

  FakeGenerator* built_in_;
  FakeGenerator* jmeter_;
  std::unique_ptr<LoadGenerators> all_;
};

TEST_F(LoadGeneratorsTest, APlanGoesToJMeterAndAnythingElseToTheBuiltInOne) {
  ASSERT_TRUE(all_->Start(WithPlan("")).ok());
  EXPECT_EQ(built_in_->starts_, 1);
  ASSERT_TRUE(all_->Stop().ok());
  ASSERT_TRUE(all_->Start(WithPlan("/a.jmx")).ok());
  EXPECT_EQ(jmeter_->starts_, 1);
  EXPECT_EQ(all_->Settings().jmeter_plan, "/a.jmx");
  EXPECT_EQ(all_->Statistics().requests, 2u);
}

TEST_F(LoadGeneratorsTest, OneLoadRunsAtATimeWhicheverItIs) {
  ASSERT_TRUE(all_->Start(WithPlan("/a.jmx")).ok());
  EXPECT_EQ(all_->Start(WithPlan("")).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(built_in_->starts_, 0);
  jmeter_->running_ = false;  // its plan is over
  EXPECT_TRUE(all_->Start(WithPlan("")).ok());
}

TEST_F(LoadGeneratorsTest, AfterAFailedStartTheEarlierLoadIsStillTheOneAskedAbout) {
  ASSERT_TRUE(all_->Start(WithPlan("")).ok());
  ASSERT_TRUE(all_->Stop().ok());
  jmeter_->refusal_ = absl::FailedPreconditionError("no Java");
  EXPECT_EQ(all_->Start(WithPlan("/a.jmx")).message(), "no Java");
  EXPECT_EQ(all_->Statistics().requests, 1u);
  EXPECT_FALSE(all_->Statistics().running);
}

}  // namespace
}  // namespace grayling
