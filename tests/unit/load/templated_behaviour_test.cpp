#include "daemon/load/templated_behaviour.h"

#include <gmock/gmock.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

RequestMix Shop() {
  RequestMix mix;
  mix.requests = {
      {"list", HttpMethod::kGet, "/items", "", 6, 200, ""},
      {"get", HttpMethod::kGet, "/items/{item}?again={item}", "", 3, 200, ""},
      {"order", HttpMethod::kPost, "/items/{item}/orders", R"({"item":{item}})", 0.5, 201, "order"},
      {"cancel", HttpMethod::kDelete, "/items/{item}/orders/{order}", "", 0.5, 204, ""},
  };
  mix.ids = {{"item", 1, 100}};
  return mix;
}

class TemplatedBehaviourTest : public testing::Test {
 protected:
  void SetUp() override { Use(Shop()); }
  void Use(const RequestMix& mix) {
    const absl::StatusOr<LoadMix> prepared = PrepareMix(mix);
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    routes_ = prepared->routes;
    user_ = prepared->new_user();
  }
  const LoadRequest& Next() {
    user_->Next(random_, request_);
    return request_;
  }
  // The next request of this name; the others are answered without an id.
  const LoadRequest& NextNamed(const std::string& name) {
    do {
      Next();
    } while (routes_.at(request_.route) != name);
    return request_;
  }

  std::vector<std::string> routes_;
  std::unique_ptr<LoadBehaviour> user_;
  std::mt19937_64 random_{3};
  LoadRequest request_;
};

TEST_F(TemplatedBehaviourTest, RequestsComeByTheirWeights) {
  std::map<std::string, int> counts;
  for (int i = 0; i < 20'000; ++i) {
    ++counts[routes_.at(Next().route)];
    if (routes_.at(request_.route) == "order") user_->Answered(R"({"id":7})");
  }
  EXPECT_NEAR(counts["list"], 12'000, 400);
  EXPECT_NEAR(counts["get"], 6'000, 400);
  EXPECT_NEAR(counts["order"], 1'000, 150);
  EXPECT_NEAR(counts["cancel"], 1'000, 150);
}

TEST_F(TemplatedBehaviourTest, AllIdsOfOneNameInARequestAreTheSameNumberWithinItsRange) {
  std::set<std::string> seen;
  for (int i = 0; i < 500; ++i) {
    const std::string path = NextNamed("get").path;
    const std::string number = path.substr(7, path.find('?') - 7);
    EXPECT_EQ(path, absl::StrCat("/items/", number, "?again=", number));
    EXPECT_GE(std::stoi(number), 1);
    EXPECT_LE(std::stoi(number), 100);
    seen.insert(number);
  }
  EXPECT_GT(seen.size(), 80u);
}

TEST_F(TemplatedBehaviourTest, ABodyIsWrittenWithTheIdsOfItsPath) {
  const LoadRequest& order = NextNamed("order");
  const std::string number = order.path.substr(7, order.path.find("/orders") - 7);
  EXPECT_EQ(order.body, absl::StrCat(R"({"item":)", number, "}"));
  EXPECT_EQ(order.method, HttpMethod::kPost);
  EXPECT_EQ(order.expected_status, 201);
}

TEST_F(TemplatedBehaviourTest, ARequestWhoseIdIsUnknownGivesWayToOneThatLearnsIt) {
  for (int i = 0; i < 300; ++i) EXPECT_NE(routes_.at(Next().route), "cancel");
}

TEST_F(TemplatedBehaviourTest, WhatWasLearntIsAskedForBesideTheIdsItWasLearntFrom) {
  std::string item;
  do {
    const std::string path = NextNamed("order").path;
    item = path.substr(7, path.find("/orders") - 7);
  } while (item.empty());
  user_->Answered(R"({"id":4711,"state":"new"})");
  EXPECT_EQ(NextNamed("cancel").path, absl::StrCat("/items/", item, "/orders/4711"));
}

TEST_F(TemplatedBehaviourTest, AnIdThatIsGoneIsNotAskedForAgain) {
  NextNamed("order");
  user_->Answered(R"({"id":1})");
  NextNamed("cancel");
  user_->NotFound();
  for (int i = 0; i < 300; ++i) EXPECT_NE(routes_.at(Next().route), "cancel");
}

TEST_F(TemplatedBehaviourTest, AnswersWithoutANumberTeachNothing) {
  for (const char* body : {"", "[]", "{", R"({"id":"x"})", R"({"id":1.5})", "{}"}) {
    NextNamed("order");
    user_->Answered(body);
  }
  for (int i = 0; i < 300; ++i) EXPECT_NE(routes_.at(Next().route), "cancel");
}

TEST_F(TemplatedBehaviourTest, EqualSeedsChooseEqualRequests) {
  std::vector<std::string> first;
  for (int i = 0; i < 50; ++i) first.push_back(Next().path);
  Use(Shop());
  random_.seed(3);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Next().path, first[i]);
}

TEST(PrepareMixTest, RefusesAWrongMix) {
  RequestMix mix = Shop();
  mix.requests[0].path = "items";
  EXPECT_THAT(PrepareMix(mix).status().message(), HasSubstr("request 'list'"));
}

}  // namespace
}  // namespace grayling
