#include "daemon/load/request_mix.h"

#include <gmock/gmock.h>

namespace grayling {
namespace {

using ::testing::HasSubstr;

RequestMix Shop() {
  RequestMix mix;
  mix.requests = {
      {"list", HttpMethod::kGet, "/items", "", 5, 200, ""},
      {"get", HttpMethod::kGet, "/items/{item}", "", 3, 200, ""},
      {"order", HttpMethod::kPost, "/orders", R"({"item":{item}})", 1, 201, "order"},
      {"cancel", HttpMethod::kDelete, "/items/{item}/orders/{order}", "", 1, 204, ""},
  };
  mix.ids = {{"item", 1, 100}};
  return mix;
}

std::string ComplaintOf(const RequestMix& mix) { return std::string(CheckRequestMix(mix).message()); }

TEST(RequestMixTest, CutsATemplateAtItsIdsAndLeavesOtherBracesAlone) {
  const std::vector<TemplatePart> parts = CutTemplate(R"({"a":{item},"b":{}}{1x})");
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].text, R"({"a":)");
  EXPECT_EQ(parts[1].id, "item");
  EXPECT_EQ(parts[2].text, R"(,"b":{}}{1x})");
}

TEST(RequestMixTest, AMixWhoseIdsCanBeHadIsRight) { EXPECT_TRUE(CheckRequestMix(Shop()).ok()); }

TEST(RequestMixTest, SaysWhichRequestIsWrongAndHow) {
  const auto with = [](auto change) {
    RequestMix mix = Shop();
    change(mix);
    return ComplaintOf(mix);
  };
  EXPECT_THAT(with([](RequestMix& mix) { mix.requests.clear(); }), HasSubstr("1 to 100 requests"));
  EXPECT_THAT(with([](RequestMix& mix) { mix.requests[1].name = "list"; }), HasSubstr("rename one"));
  EXPECT_THAT(with([](RequestMix& mix) { mix.requests[1].name = "get item"; }),
              HasSubstr("request 'get item'"));
  EXPECT_THAT(with([](RequestMix& mix) { mix.requests[1].path = "items"; }), HasSubstr("slash"));
  EXPECT_THAT(with([](RequestMix& mix) { mix.requests[1].path = "/a b"; }), HasSubstr("space"));
  EXPECT_THAT(with([](RequestMix& mix) { mix.requests[1].weight = 0; }), HasSubstr("above 0"));
  EXPECT_THAT(with([](RequestMix& mix) { mix.requests[1].expected_status = 99; }),
              HasSubstr("100 to 599"));
  EXPECT_THAT(with([](RequestMix& mix) { mix.ids[0].to = 0; }), HasSubstr("swap them"));
  EXPECT_THAT(with([](RequestMix& mix) { mix.ids.push_back({"item", 1, 2}); }), HasSubstr("twice"));
}

TEST(RequestMixTest, AnIdThatNothingGivesIsRefused) {
  RequestMix mix = Shop();
  mix.ids.clear();
  EXPECT_THAT(ComplaintOf(mix), HasSubstr("names {item}, which has no value"));
}

TEST(RequestMixTest, AnIdThatCouldBeLearntOnlyFromItselfIsRefused) {
  RequestMix mix;
  mix.requests = {{"next", HttpMethod::kGet, "/chain/{link}", "", 1, 200, "link"}};
  EXPECT_THAT(ComplaintOf(mix), HasSubstr("{link}"));
}

}  // namespace
}  // namespace grayling
