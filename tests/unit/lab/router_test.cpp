#include "deploy/lab/application/router.h"

#include "gmock/gmock.h"

namespace grayling::lab {
namespace {

using testing::HasSubstr;

class RouterTest : public testing::Test {
 protected:
  Reply Ask(const std::string& method, const std::string& path) {
    Call call;
    call.method = method;
    call.path = path;
    call.target = path;
    return router_.Handle(call);
  }
  void AddEcho(const std::string& method, const std::string& pattern) {
    router_.Add(method, pattern, [pattern](const Call& call) -> absl::StatusOr<Reply> {
      std::string captured;
      for (const std::string& capture : call.captures) captured += " " + capture;
      return Reply{200, pattern + captured};
    });
  }

  Registry metrics_;
  Router router_{metrics_};
};

TEST_F(RouterTest, CapturesTheSegmentsInBraces) {
  AddEcho("GET", "/owners/{ownerId}/pets/{petId}");
  EXPECT_EQ(Ask("GET", "/owners/7/pets/12").body, "/owners/{ownerId}/pets/{petId} 7 12");
}

TEST_F(RouterTest, TakesPathsOfTheWholeLengthOnly) {
  AddEcho("GET", "/owners/{ownerId}");
  EXPECT_EQ(Ask("GET", "/owners").status, 404);
  EXPECT_EQ(Ask("GET", "/owners/1/pets").status, 404);
  EXPECT_EQ(Ask("POST", "/owners/1").status, 404);
}

TEST_F(RouterTest, TakesAnyRestAfterTwoStars) {
  AddEcho("*", "/api/vet/**");
  EXPECT_EQ(Ask("DELETE", "/api/vet/vets/1").status, 200);
  EXPECT_EQ(Ask("GET", "/api/visit/vets").status, 404);
}

TEST_F(RouterTest, PrefersTheRouteAddedFirst) {
  AddEcho("GET", "/owners/new");
  AddEcho("GET", "/owners/{ownerId}");
  EXPECT_EQ(Ask("GET", "/owners/new").body, "/owners/new");
}

TEST_F(RouterTest, TurnsAStatusIntoAnHttpCodeAndCountsServerErrors) {
  const std::pair<absl::Status, int> cases[] = {{absl::InvalidArgumentError("a"), 400},
                                                {absl::NotFoundError("a"), 404},
                                                {absl::InternalError("a"), 500},
                                                {absl::UnavailableError("a"), 503},
                                                {absl::DeadlineExceededError("a"), 504}};
  absl::Status status;
  router_.Add("GET", "/x", [&status](const Call&) { return status; });
  for (const auto& [error, code] : cases) {
    status = error;
    const Reply reply = Ask("GET", "/x");
    EXPECT_EQ(reply.status, code);
    EXPECT_EQ(reply.body, R"({"error":"a"})");
  }
  EXPECT_THAT(metrics_.Render(), HasSubstr("http_server_errors_total{route=\"/x\"} 3\n"));
  EXPECT_THAT(metrics_.Render(), HasSubstr("http_server_requests_seconds_count{route=\"/x\"} 5\n"));
}

}  // namespace
}  // namespace grayling::lab
