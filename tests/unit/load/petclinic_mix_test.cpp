#include "daemon/load/petclinic_mix.h"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

PetclinicRequest RequestOf(PetclinicRoute route, int64_t owner_id = 0) {
  PetclinicRequest request;
  request.route = route;
  request.owner_id = owner_id;
  return request;
}

TEST(PetclinicMixTest, SendsMostlyReads) {
  PetclinicUser user(1000);
  std::mt19937_64 random(7);
  PetclinicRequest request;
  std::array<int, kPetclinicRoutes> seen{};
  int reads = 0;
  for (int i = 0; i < 5000; ++i) {
    user.Next(random, request);
    ++seen[static_cast<size_t>(request.route)];
    reads += request.method == HttpMethod::kGet ? 1 : 0;
    user.Answered(request, absl::StrCat("{\"id\":", 2000 + i, "}"));
  }
  EXPECT_NEAR(reads / 5000.0, 0.70, 0.03);
  for (size_t route = 0; route < kPetclinicRoutes; ++route) {
    EXPECT_GT(seen[route], 100) << RouteName(route);
  }
}

TEST(PetclinicMixTest, RepeatsItselfForOneSeed) {
  PetclinicUser first(1000);
  PetclinicUser second(1000);
  std::mt19937_64 first_random(42);
  std::mt19937_64 second_random(42);
  PetclinicRequest a;
  PetclinicRequest b;
  for (int i = 0; i < 200; ++i) {
    first.Next(first_random, a);
    second.Next(second_random, b);
    ASSERT_EQ(a.path, b.path);
    ASSERT_EQ(a.body, b.body);
  }
}

TEST(PetclinicMixTest, WritesBodiesOfTheStockPlan) {
  PetclinicUser user(10);
  std::mt19937_64 random(3);
  PetclinicRequest request;
  for (int i = 0; i < 500; ++i) {
    user.Next(random, request);
    user.Answered(request, "{\"id\":77}");
    if (request.method == HttpMethod::kGet) {
      EXPECT_EQ(request.body, "");
      EXPECT_EQ(request.expected_status, 200);
      continue;
    }
    const auto body = nlohmann::json::parse(request.body);
    EXPECT_EQ(request.expected_status, request.method == HttpMethod::kPost ? 201 : 204);
    switch (request.route) {
      case PetclinicRoute::kCreateOwner:
        EXPECT_EQ(request.path, "/api/customer/owners");
        EXPECT_EQ(body["telephone"], "0000000000");
        break;
      case PetclinicRoute::kUpdateOwner:
        EXPECT_EQ(body["id"], absl::StrCat(request.owner_id));
        EXPECT_EQ(body["city"], absl::StrCat("City", request.owner_id));
        break;
      case PetclinicRoute::kCreatePet:
      case PetclinicRoute::kUpdatePet:
        EXPECT_EQ(body["birthDate"], "2018-12-31T23:00:00.000Z");
        EXPECT_THAT(body["typeId"].get<std::string>(), testing::MatchesRegex("[1-6]"));
        break;
      default:
        EXPECT_EQ(request.route, PetclinicRoute::kCreateVisit);
        EXPECT_THAT(request.path, HasSubstr("/pets/77/visits"));
        EXPECT_EQ(body["description"], "Visit");
    }
  }
}

TEST(PetclinicMixTest, AsksOnlyForOwnersThatExist) {
  PetclinicUser user(10);
  std::mt19937_64 random(5);
  PetclinicRequest request;
  bool asked_for_own = false;
  for (int i = 0; i < 500; ++i) {
    user.Next(random, request);
    if (request.route == PetclinicRoute::kCreateOwner) user.Answered(request, "{\"id\":4711}");
    if (request.route != PetclinicRoute::kGetOwner) continue;
    const bool own = request.path == "/api/gateway/owners/4711";
    asked_for_own |= own;
    EXPECT_TRUE(own || (request.owner_id >= 1 && request.owner_id <= 10)) << request.path;
  }
  EXPECT_TRUE(asked_for_own);
}

TEST(PetclinicMixTest, MakesAPetBeforeItVisitsOne) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 200; ++i) {
    PetclinicUser user(10);
    PetclinicRequest request;
    user.Next(random, request);
    EXPECT_NE(request.route, PetclinicRoute::kCreateVisit);
    EXPECT_NE(request.route, PetclinicRoute::kUpdatePet);
  }
}

TEST(PetclinicMixTest, ForgetsWhatTheApplicationLost) {
  PetclinicUser user(10);
  std::mt19937_64 random(5);
  PetclinicRequest request;
  user.Answered(RequestOf(PetclinicRoute::kCreateOwner), "{\"id\":4711}");
  user.Answered(RequestOf(PetclinicRoute::kCreatePet, 4711), "{\"id\":9}");
  user.NotFound(RequestOf(PetclinicRoute::kGetOwner, 4711));
  for (int i = 0; i < 200; ++i) {
    user.Next(random, request);
    ASSERT_FALSE(absl::StrContains(request.path, "4711")) << request.path;
  }
}

TEST(PetclinicMixTest, IgnoresAnswersThatAreNotJson) {
  PetclinicUser user(10);
  for (const char* body : {"", "<html>", "[]", "{\"id\":\"x\"}", "{\"id\":1"}) {
    user.Answered(RequestOf(PetclinicRoute::kCreateOwner), body);
  }
  std::mt19937_64 random(5);
  PetclinicRequest request;
  for (int i = 0; i < 100; ++i) {
    user.Next(random, request);
    EXPECT_LE(request.owner_id, 10);
  }
}

TEST(PetclinicMixTest, RefusesAnUnknownMix) {
  EXPECT_EQ(SeededOwnersOf("petclinic").value(), 1000);
  EXPECT_EQ(SeededOwnersOf("petclinic-stock").value(), 10);
  EXPECT_EQ(SeededOwnersOf("sockshop").status().message(),
            "unknown load mix 'sockshop'; use petclinic or petclinic-stock");
}

}  // namespace
}  // namespace grayling
