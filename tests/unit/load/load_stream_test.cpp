#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <vector>

#include "base/manual_clock.h"
#include "daemon/rpc/load_service.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// Ten requests a second to each user, of which a tenth fails beyond 12 users. Stops by itself after
// `looks_left` statistics.
class CountedLoad final : public LoadGenerator {
 public:
  explicit CountedLoad(Clock& clock) : clock_(clock) {}
  absl::Status Start(const LoadSettings& settings) override {
    settings_ = settings;
    started_ = clock_.Now();
    is_running_ = true;
    return absl::OkStatus();
  }
  absl::Status Stop() override {
    is_running_ = false;
    return absl::OkStatus();
  }
  LoadStatistics Statistics() override {
    if (looks_left_-- == 0) is_running_ = false;
    LoadStatistics statistics;
    statistics.running = is_running_;
    statistics.requests = static_cast<uint64_t>(
        10.0 * settings_.users * absl::ToDoubleSeconds(clock_.Now() - started_));
    if (settings_.users > 12) statistics.errors = statistics.requests / 10;
    return statistics;
  }
  LoadSettings Settings() override { return settings_; }
  LatencyHistogram Latencies() override { return {}; }

  std::atomic<int> looks_left_ = 1'000'000;
  std::atomic<bool> is_running_ = false;

 private:
  Clock& clock_;
  absl::Time started_;
  LoadSettings settings_;
};

class LoadStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::LoadService::NewStub(server_->InProcessChannel({}));
  }
  void TearDown() override { server_->Shutdown(); }

  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  CountedLoad load_{clock_};
  LoadServiceAdapter service_{load_, clock_, [] { return std::nullopt; }};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::LoadService::Stub> stub_;
  grpc::ClientContext context_;
};

TEST_F(LoadStreamTest, AWatchEndsWithTheMessageThatSaysThatTheLoadHasStopped) {
  LoadSettings settings;
  settings.users = 3;
  ASSERT_TRUE(load_.Start(settings).ok());
  load_.looks_left_ = 3;
  const auto reader = stub_->WatchLoad(&context_, {});
  std::vector<v1::Load> seen;
  v1::Load load;
  while (reader->Read(&load)) seen.push_back(load);
  EXPECT_TRUE(reader->Finish().ok());
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[1].requests(), 30u);  // a second later, by the test's clock
  EXPECT_TRUE(seen[2].running());
  EXPECT_FALSE(seen[3].running());
}

TEST_F(LoadStreamTest, ACalibrationSendsEveryLookAndThenTheVerdict) {
  v1::CalibrateLoadRequest request;
  request.mutable_spec()->set_base_url("http://127.0.0.1:1");
  const auto reader = stub_->CalibrateLoad(&context_, request);
  std::vector<v1::CalibrateLoadResponse> seen;
  v1::CalibrateLoadResponse answer;
  while (reader->Read(&answer)) seen.push_back(answer);
  ASSERT_TRUE(reader->Finish().ok());
  ASSERT_GE(seen.size(), 3u);
  EXPECT_EQ(seen.front().users(), 5u);
  EXPECT_NEAR(seen.front().requests_per_second(), 50, 1);
  EXPECT_TRUE(seen.back().done());
  EXPECT_EQ(seen.back().users(), 12u);
  EXPECT_EQ(seen.back().verdict(), "12 users are the most that keep errors<=1%");
  EXPECT_FALSE(load_.is_running_);
}

TEST_F(LoadStreamTest, ACalibrationWithWrongLimitsStartsNothing) {
  v1::CalibrateLoadRequest request;
  request.set_limits("speed<=3");
  const auto reader = stub_->CalibrateLoad(&context_, request);
  v1::CalibrateLoadResponse answer;
  EXPECT_FALSE(reader->Read(&answer));
  EXPECT_THAT(reader->Finish().error_message(), HasSubstr("speed"));
}

}  // namespace
}  // namespace grayling
