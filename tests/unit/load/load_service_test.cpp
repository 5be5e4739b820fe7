#include "daemon/rpc/load_service.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "base/manual_clock.h"

namespace grayling {
namespace {

class FakeGenerator final : public LoadGenerator {
 public:
  absl::Status Start(const LoadSettings& settings) override {
    if (statistics_.running) return absl::FailedPreconditionError("a load runs already");
    settings_ = settings;
    statistics_.running = true;
    return absl::OkStatus();
  }
  absl::Status Stop() override {
    statistics_.running = false;
    return absl::OkStatus();
  }
  LoadStatistics Statistics() override { return statistics_; }
  LatencyHistogram Latencies() override { return {}; }
  LoadSettings Settings() override { return settings_; }

  LoadStatistics statistics_{.requests = 20, .errors = 3, .p95_ms = 12.5};
  LoadSettings settings_;
};

v1::StartLoadRequest Request() {
  v1::StartLoadRequest request;
  request.mutable_spec()->set_base_url("http://127.0.0.1:8080");
  request.mutable_spec()->set_users(35);
  request.mutable_spec()->set_think_time_mean_ms(300);
  request.mutable_spec()->set_ramp_up_s(2.5);
  request.mutable_spec()->set_seed(9);
  return request;
}

std::optional<std::string> NoCampaign() { return std::nullopt; }

class LoadServiceTest : public testing::Test {
 protected:
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
};

TEST_F(LoadServiceTest, StartsTheLoadThatWasAskedFor) {
  FakeGenerator generator;
  LoadServiceAdapter service(generator, clock_, NoCampaign);
  const v1::StartLoadRequest request = Request();
  v1::Load load;
  ASSERT_TRUE(service.StartLoad(nullptr, &request, &load).ok());
  EXPECT_EQ(generator.settings_.base_url, "http://127.0.0.1:8080");
  EXPECT_EQ(generator.settings_.users, 35);
  EXPECT_EQ(generator.settings_.think_time_mean, absl::Milliseconds(300));
  EXPECT_EQ(generator.settings_.think_time_deviation, absl::ZeroDuration());
  EXPECT_EQ(generator.settings_.ramp_up, absl::Milliseconds(2500));
  EXPECT_EQ(generator.settings_.mix, "petclinic");
  EXPECT_EQ(generator.settings_.seed, 9);
  EXPECT_TRUE(load.running());
  EXPECT_EQ(load.spec().users(), 35);
}

TEST_F(LoadServiceTest, PassesAJMeterPlanOnAndShowsIt) {
  FakeGenerator generator;
  LoadServiceAdapter service(generator, clock_, NoCampaign);
  v1::StartLoadRequest request = Request();
  request.mutable_spec()->set_jmeter_plan("/a.jmx");
  (*request.mutable_spec()->mutable_jmeter_properties())["basket"] = "3";
  generator.statistics_.failure = "no sample";
  v1::Load load;
  ASSERT_TRUE(service.StartLoad(nullptr, &request, &load).ok());
  EXPECT_EQ(generator.settings_.jmeter_plan, "/a.jmx");
  EXPECT_EQ(generator.settings_.jmeter_properties.at("basket"), "3");
  EXPECT_EQ(load.spec().jmeter_plan(), "/a.jmx");
  EXPECT_EQ(load.spec().jmeter_properties().at("basket"), "3");
  EXPECT_EQ(load.failure(), "no sample");
}

TEST_F(LoadServiceTest, RefusesASecondLoad) {
  FakeGenerator generator;
  LoadServiceAdapter service(generator, clock_, NoCampaign);
  const v1::StartLoadRequest request = Request();
  v1::Load load;
  ASSERT_TRUE(service.StartLoad(nullptr, &request, &load).ok());
  EXPECT_EQ(service.StartLoad(nullptr, &request, &load).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(LoadServiceTest, ARateMakesAnOpenLoop) {
  FakeGenerator generator;
  LoadServiceAdapter service(generator, clock_, NoCampaign);
  v1::StartLoadRequest request = Request();
  request.mutable_spec()->set_rate(200);
  request.mutable_spec()->set_arrivals(v1::ARRIVALS_CONSTANT);
  generator.statistics_.late = 7;
  v1::Load load;
  ASSERT_TRUE(service.StartLoad(nullptr, &request, &load).ok());
  EXPECT_EQ(generator.settings_.model, LoadModel::kOpen);
  EXPECT_EQ(generator.settings_.rate, 200);
  EXPECT_EQ(generator.settings_.arrivals, ArrivalKind::kConstant);
  EXPECT_EQ(generator.settings_.most_in_flight, 500u);
  EXPECT_EQ(load.spec().rate(), 200);
  EXPECT_EQ(load.spec().users(), 0u);
  EXPECT_EQ(load.late(), 7u);
}

TEST_F(LoadServiceTest, TakesAMixOfOnesOwnAndSaysWhereItIsWrong) {
  FakeGenerator generator;
  LoadServiceAdapter service(generator, clock_, NoCampaign);
  v1::StartLoadRequest request = Request();
  request.mutable_spec()->set_mix_yaml("requests: [{name: home, path: /}]");
  v1::Load load;
  ASSERT_TRUE(service.StartLoad(nullptr, &request, &load).ok());
  EXPECT_EQ(generator.settings_.own_mix.requests.at(0).path, "/");
  EXPECT_EQ(load.spec().mix(), "own");
  request.mutable_spec()->set_mix_yaml("requests:\n  - {name: home, way: /}");
  const grpc::Status refused = service.StartLoad(nullptr, &request, &load);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(refused.error_message(), ::testing::HasSubstr("mix line 2"));
}

TEST_F(LoadServiceTest, ARateIsNotForJMeter) {
  FakeGenerator generator;
  LoadServiceAdapter service(generator, clock_, NoCampaign);
  v1::StartLoadRequest request = Request();
  request.mutable_spec()->set_jmeter_plan("/a.jmx");
  request.mutable_spec()->set_rate(5);
  v1::Load load;
  EXPECT_THAT(service.StartLoad(nullptr, &request, &load).error_message(),
              ::testing::HasSubstr("leave it out"));
}

TEST_F(LoadServiceTest, RefusesTimesThatAreNotNumbers) {
  FakeGenerator generator;
  LoadServiceAdapter service(generator, clock_, NoCampaign);
  v1::StartLoadRequest request = Request();
  request.mutable_spec()->set_think_time_mean_ms(std::numeric_limits<double>::quiet_NaN());
  v1::Load load;
  EXPECT_EQ(service.StartLoad(nullptr, &request, &load).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(LoadServiceTest, TheLoadOfARunningCampaignIsNeitherStartedNorStoppedByHand) {
  FakeGenerator generator;
  generator.statistics_.running = true;
  LoadServiceAdapter service(
      generator, clock_, []() -> std::optional<std::string> { return "campaigns/20260301T101500-demo"; });
  const v1::StartLoadRequest start = Request();
  const v1::StopLoadRequest stop;
  v1::Load load;
  for (const grpc::Status& status :
       {service.StartLoad(nullptr, &start, &load), service.StopLoad(nullptr, &stop, &load)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_THAT(status.error_message(), ::testing::HasSubstr("campaigns/20260301T101500-demo"));
  }
  EXPECT_TRUE(generator.statistics_.running);
}

TEST_F(LoadServiceTest, StopsAndAnswersWithTheTotals) {
  FakeGenerator generator;
  LoadServiceAdapter service(generator, clock_, NoCampaign);
  const v1::StartLoadRequest request = Request();
  const v1::StopLoadRequest stop;
  v1::Load load;
  ASSERT_TRUE(service.StartLoad(nullptr, &request, &load).ok());
  ASSERT_TRUE(service.StopLoad(nullptr, &stop, &load).ok());
  EXPECT_FALSE(load.running());
  EXPECT_EQ(load.requests(), 20);
  EXPECT_EQ(load.errors(), 3);
  EXPECT_EQ(load.p95_ms(), 12.5);
}

}  // namespace
}  // namespace grayling
