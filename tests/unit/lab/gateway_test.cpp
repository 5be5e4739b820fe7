#include "deploy/lab/application/gateway.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/manual_clock.h"
#include "deploy/lab/application/http_server.h"
#include "gmock/gmock.h"
#include "tests/unit/lab/lab_application.h"

namespace grayling::lab {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST_F(LabApplication, JoinsAnOwnerWithTheVisitsOfItsPets) {
  ASSERT_EQ(Post("/api/visit/owners/1/pets/2/visits", R"({"description":"rash"})")->status, 201);

  const json owner = json::parse(Get("/api/gateway/owners/1")->body);

  ASSERT_EQ(owner["pets"].size(), 2u);
  EXPECT_EQ(owner["pets"][1]["id"], 2);
  EXPECT_EQ(owner["pets"][1]["visits"][0]["description"], "rash");
  for (const json& visit : owner["pets"][0]["visits"]) EXPECT_EQ(visit["petId"], 1);
}

TEST_F(LabApplication, AnswersForAnOwnerWithoutVisitsWhenVisitsServiceIsDown) {
  visits_.reset();

  const httplib::Result result = Get("/api/gateway/owners/1");

  ASSERT_EQ(result->status, 200);
  const json owner = json::parse(result->body);
  EXPECT_EQ(owner["pets"][0]["visits"], json::array());
  const std::string metrics = MetricsOf(*gateway_);
  EXPECT_THAT(metrics, HasSubstr("http_client_retries_total{upstream=\"visits-service\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("http_client_errors_total{upstream=\"visits-service\"} 2\n"));
}

TEST_F(LabApplication, HandsOnThatAnOwnerIsUnknown) {
  EXPECT_EQ(Get("/api/gateway/owners/9999")->status, 404);
}

TEST_F(LabApplication, OpensTheCircuitOfADeadServiceAndCountsTheErrors) {
  vets_.reset();
  for (size_t i = 0; i < CircuitBreaker::kMinimumCalls; ++i) {
    EXPECT_EQ(Get("/api/vet/vets")->status, 503);
  }

  EXPECT_THAT(Get("/api/vet/vets")->body, HasSubstr("its circuit is open"));
  const std::string metrics = MetricsOf(*gateway_);
  EXPECT_THAT(metrics, HasSubstr("circuit_breaker_open{upstream=\"vets-service\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("http_server_errors_total{route=\"/api/vet/**\"} 21\n"));
}

TEST_F(LabApplication, CannotBeStartedAsAGatewayWithoutAllAddresses) {
  LabServiceOptions options;
  options.role = "api-gateway";
  options.upstreams = {{"customers-service", "http://127.0.0.1:1"}};

  EXPECT_EQ(LabService::Start(options).status().message(),
            "the gateway has no address of visits-service; add --upstream "
            "visits-service=http://HOST:PORT");
}

// An upstream whose server answers as `answer` says.
class UpstreamTest : public testing::Test {
 protected:
  Upstream& Start(std::function<Reply(Call&)> answer, absl::Duration limit = absl::Seconds(10)) {
    server_ = std::make_unique<HttpServer>(1, std::move(answer));
    EXPECT_TRUE(server_->Start("127.0.0.1", 0).ok());
    upstream_ = std::make_unique<Upstream>("vets-service",
                                           absl::StrCat("http://127.0.0.1:", server_->port()),
                                           limit, metrics_, clock_);
    return *upstream_;
  }

  ManualClock clock_{absl::UnixEpoch()};
  Registry metrics_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Upstream> upstream_;
};

TEST_F(UpstreamTest, RetriesOnceAfter503) {
  std::atomic<int> calls = 0;
  Upstream& upstream = Start([&calls](Call&) { return Reply{++calls == 1 ? 503 : 201, "{}"}; });

  const absl::StatusOr<Reply> reply = upstream.Send("POST", "/x", "{}", "application/json");

  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, 201);
  EXPECT_EQ(calls, 2);
}

TEST_F(UpstreamTest, GivesUpAfterTheSecond503) {
  std::atomic<int> calls = 0;
  Upstream& upstream = Start([&calls](Call&) { return ++calls, Reply{503, "{}"}; });

  EXPECT_EQ(upstream.Send("GET", "/x", "", "")->status, 503);
  EXPECT_EQ(calls, 2);
}

TEST_F(UpstreamTest, DoesNotRepeatARequestThatTimedOut) {
  std::atomic<int> calls = 0;
  absl::Notification release;
  Upstream& upstream = Start(
      [&](Call&) {
        ++calls;
        release.WaitForNotification();
        return Reply{};
      },
      absl::Milliseconds(50));

  const absl::StatusOr<Reply> reply = upstream.Send("POST", "/x", "{}", "application/json");
  release.Notify();
  server_->Stop();  // its handler uses what this test owns

  EXPECT_EQ(reply.status(), absl::DeadlineExceededError("vets-service did not answer in time"));
  EXPECT_EQ(calls, 1);
}

TEST_F(UpstreamTest, UsesItsConnectionAgain) {
  Upstream& upstream = Start([](Call&) { return Reply{200, "{}"}; });
  for (int i = 0; i < 100; ++i) ASSERT_EQ(upstream.Send("GET", "/x", "", "")->status, 200);

  EXPECT_EQ(server_->accepted(), 1u);
}

}  // namespace
}  // namespace grayling::lab
