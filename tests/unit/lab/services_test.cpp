#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/unit/lab/lab_application.h"

namespace grayling::lab {
namespace {

using nlohmann::json;
using testing::Each;
using testing::HasSubstr;

TEST_F(LabApplication, RunsEveryRequestOfPetClinicsJMeterPlan) {
  ASSERT_EQ(Get("/api/customer/owners")->status, 200);
  const httplib::Result owner = Post("/api/customer/owners", kOwner);
  ASSERT_EQ(owner->status, 201);
  const std::string path =
      absl::StrCat("/api/customer/owners/", json::parse(owner->body)["id"].dump());
  EXPECT_EQ(Put(path, kOwner)->status, 204);
  const httplib::Result pet =
      Post(path + "/pets", R"({"name":"Leo","birthDate":"2013-01-12","typeId":"3"})");
  ASSERT_EQ(pet->status, 201);
  const std::string pet_id = json::parse(pet->body)["id"].dump();
  EXPECT_EQ(Put(path + "/pets/" + pet_id, R"({"name":"Max","birthDate":"2013-01-13","typeId":2})")
                ->status,
            204);
  const std::string visits = absl::StrCat(
      "/api/visit/owners/", json::parse(owner->body)["id"].dump(), "/pets/", pet_id, "/visits");
  EXPECT_EQ(Post(visits, R"({"date":"2013-01-12","description":"visit"})")->status, 201);
  EXPECT_EQ(json::parse(Get(visits)->body).size(), 1u);
  EXPECT_EQ(Get("/api/vet/vets")->status, 200);
  EXPECT_EQ(json::parse(Get("/api/customer/petTypes")->body).size(), 6u);
}

TEST_F(LabApplication, KeepsWhatWasWritten) {
  const int64_t id = json::parse(Post("/api/customer/owners", kOwner)->body)["id"];
  const std::string path = absl::StrCat("/api/customer/owners/", id);
  std::string changed = kOwner;
  changed.replace(changed.find("Ada"), 3, "Eva");
  ASSERT_EQ(Put(path, changed)->status, 204);
  ASSERT_EQ(Post(path + "/pets", R"({"name":"Leo","birthDate":"2013-01-12","typeId":3})")->status,
            201);

  const json owner = json::parse(Get(path)->body);

  EXPECT_EQ(owner["firstName"], "Eva");
  ASSERT_EQ(owner["pets"].size(), 1u);
  EXPECT_EQ(owner["pets"][0]["name"], "Leo");
  EXPECT_EQ(owner["pets"][0]["type"]["name"], "lizard");
}

TEST_F(LabApplication, KeepsWhatWasWrittenOverARestart) {
  const int64_t id = json::parse(Post("/api/customer/owners", kOwner)->body)["id"];
  const int port = customers_->port();
  customers_.reset();
  customers_ = StartRole("customers-service", port);

  EXPECT_EQ(json::parse(Get(absl::StrCat("/api/customer/owners/", id))->body)["lastName"], "Byron");
}

TEST_F(LabApplication, ListsOnePageOfOwnersHoweverManyThereAre) {
  const size_t before = json::parse(Get("/api/customer/owners")->body).size();
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Post("/api/customer/owners", kOwner)->status, 201);

  EXPECT_EQ(before, 50u);
  EXPECT_EQ(json::parse(Get("/api/customer/owners")->body).size(), 50u);
}

TEST_F(LabApplication, ListsAnotherPageOfOwnersEachTimeSoThatTheWholeFileIsInUse) {
  std::set<int64_t> first_ids;
  for (int i = 0; i < 30; ++i) {
    first_ids.insert(json::parse(Get("/api/customer/owners")->body)[0]["id"].get<int64_t>());
  }

  EXPECT_EQ(first_ids, (std::set<int64_t>{1, 51, 101, 151}));
  EXPECT_EQ(json::parse(Get("/api/customer/owners?page=2")->body)[0]["id"], 101);
}

TEST_F(LabApplication, SaysInOneSentenceWhatIsWrongWithARequest) {
  struct Case {
    std::string path, body, sentence;
    int status;
  };
  const Case cases[] = {
      {"/api/customer/owners", "no json", "not a JSON object", 400},
      {"/api/customer/owners", R"({"firstName":"A"})", "field 'lastName'", 400},
      {"/api/customer/owners",
       R"({"firstName":"A","lastName":"B","address":"C","city":"D","telephone":"x"})",
       "use up to 12 digits", 400},
      {"/api/customer/owners/1/pets", R"({"name":"A","birthDate":"2013-01-12","typeId":9})",
       "pet type 9 is unknown", 400},
      {"/api/customer/owners/999/pets", R"({"name":"A","birthDate":"2013-01-12","typeId":1})",
       "no owner 999", 404},
      {"/api/customer/owners/x/pets", "{}", "'x' in /owners/x/pets is not an id", 400},
      {"/api/visit/owners/1/pets/1/visits", R"({"date":"2013-01-12"})", "field 'description'", 400},
  };
  for (const Case& wrong : cases) {
    SCOPED_TRACE(wrong.path + " " + wrong.body);
    const httplib::Result result = Post(wrong.path, wrong.body);
    EXPECT_EQ(result->status, wrong.status);
    EXPECT_THAT(json::parse(result->body)["error"].get<std::string>(), HasSubstr(wrong.sentence));
  }
}

TEST_F(LabApplication, ReadsEarlierCasesWithEachVisitSoThatTheWholeFileIsInUse) {
  std::set<int64_t> ids;
  for (int i = 0; i < 5; ++i) {
    const httplib::Result visit =
        Post("/api/visit/owners/1/pets/1/visits", R"({"description":"cough"})");
    const json created = json::parse(visit->body);
    for (const json& earlier : created["earlierCases"]) ids.insert(earlier["id"].get<int64_t>());
  }

  EXPECT_THAT(ids, Each(testing::Le(kSeed.visits)));
  EXPECT_GT(ids.size(), 20u);
}

TEST_F(LabApplication, IsHealthyAndCountsRequestsPerRoute) {
  httplib::Client client("127.0.0.1", vets_->port());
  EXPECT_EQ(client.Get("/health")->body, R"({"status":"UP"})");
  Get("/api/vet/vets");
  Get("/api/vet/vets");

  EXPECT_THAT(MetricsOf(*vets_),
              HasSubstr("http_server_requests_seconds_count{route=\"/vets\"} 2\n"));
  EXPECT_THAT(MetricsOf(*gateway_),
              HasSubstr("http_server_requests_seconds_count{route=\"/api/vet/**\"} 2\n"));
  EXPECT_THAT(MetricsOf(*gateway_),
              HasSubstr("http_client_requests_seconds_count{upstream=\"vets-service\"} 2\n"));
}

}  // namespace
}  // namespace grayling::lab
