#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "daemon/campaign/plan.h"
#include "daemon/campaign/plan_mix.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

std::string PlanWith(const std::string& load) {
  return absl::StrCat("name: demo\nvm: vms/lab\nload: ", load, R"(
scrape: [probe]
phases: {warmup_s: 30, before_s: 6, during_s: 12, after_s: 5, cooldown_s: 5}
repetitions: 3
faults: [{kind: cpu.load, services: [a]}]
)");
}

absl::StatusOr<LoadSettings> LoadOf(const std::string& load) {
  const absl::StatusOr<CampaignPlan> plan = ParsePlan(PlanWith(load));
  if (!plan.ok()) return plan.status();
  return plan->load;
}

std::string ComplaintAbout(const std::string& load) {
  return std::string(LoadOf(load).status().message());
}

TEST(PlanLoad, UsersMakeAClosedLoopAndARateAnOpenOne) {
  EXPECT_EQ(LoadOf("{url: 'forward:1', users: 8}")->model, LoadModel::kClosed);
  const absl::StatusOr<LoadSettings> open =
      LoadOf("{url: 'forward:1', rate: 120.5, arrivals: constant, most_in_flight: 40}");
  ASSERT_TRUE(open.ok()) << open.status();
  EXPECT_EQ(open->model, LoadModel::kOpen);
  EXPECT_EQ(open->rate, 120.5);
  EXPECT_EQ(open->arrivals, ArrivalKind::kConstant);
  EXPECT_EQ(open->most_in_flight, 40u);
}

TEST(PlanLoad, UsersAndARateExcludeEachOther) {
  EXPECT_THAT(ComplaintAbout("{url: 'forward:1', users: 8, rate: 5}"),
              HasSubstr("'users' and 'rate' in 'load' exclude each other"));
  EXPECT_THAT(ComplaintAbout("{url: 'forward:1', rate: 0}"), HasSubstr("'rate' in 'load'"));
  EXPECT_THAT(ComplaintAbout("{url: 'forward:1', rate: 5, jmeter: {plan: /a.jmx}}"),
              HasSubstr("is not for JMeter"));
}

TEST(PlanLoad, ThinkTimesHaveADistribution) {
  EXPECT_EQ(LoadOf("{url: 'forward:1'}")->think_time_kind, ThinkTimeKind::kGaussian);
  EXPECT_EQ(LoadOf("{url: 'forward:1', think_time: exponential}")->think_time_kind,
            ThinkTimeKind::kExponential);
  EXPECT_THAT(ComplaintAbout("{url: 'forward:1', think_time: long}"),
              HasSubstr("gaussian, constant, exponential or uniform"));
}

TEST(PlanLoad, ALevelTakesWhatItLeavesOutFromTheFirstOne) {
  const absl::StatusOr<CampaignPlan> plan = ParsePlan(PlanWith(
      "[{name: calm, url: 'forward:1', rate: 20, think_time: uniform}, {name: busy, rate: 80}, "
      "{name: people, users: 35}]"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->loads[1].settings.rate, 80);
  EXPECT_EQ(plan->loads[1].settings.think_time_kind, ThinkTimeKind::kUniform);
  EXPECT_EQ(plan->loads[2].settings.model, LoadModel::kClosed);
  EXPECT_EQ(plan->loads[2].settings.users, 35u);
}

TEST(PlanLoad, AMixOfOnesOwnStandsInThePlan) {
  const absl::StatusOr<LoadSettings> load = LoadOf(
      "{url: 'forward:1', mix: {requests: [{name: get, path: '/items/{item}', weight: 3}, "
      "{name: add, method: POST, path: /items, body: '{}', status: 201, learns: item}], "
      "ids: {item: {from: 5, to: 9}}}}");
  ASSERT_TRUE(load.ok()) << load.status();
  EXPECT_EQ(load->mix, "own");
  const RequestMix expected = {
      {{"get", HttpMethod::kGet, "/items/{item}", "", 3, 200, ""},
       {"add", HttpMethod::kPost, "/items", "{}", 1, 201, "item"}},
      {{"item", 5, 9}}};
  EXPECT_TRUE(load->own_mix == expected);
}

TEST(PlanLoad, AWrongMixIsNamedWithItsPlace) {
  EXPECT_THAT(ComplaintAbout("{url: 'forward:1', mix: {requests: []}}"), HasSubstr("'requests'"));
  EXPECT_THAT(ComplaintAbout("{url: 'forward:1', mix: {requests: [{name: a, path: '/{b}'}]}}"),
              AllOf(HasSubstr("plan line 3"), HasSubstr("{b}, which has no value")));
  EXPECT_THAT(ComplaintAbout("{url: 'forward:1', mix: {requests: [{name: a, path: /, method: "
                             "GO}]}}"),
              HasSubstr("GET, POST, PUT, PATCH or DELETE"));
  EXPECT_THAT(ComplaintAbout("{url: 'forward:1', mix: [a]}"), HasSubstr("unknown load mix"));
}

TEST(ParseRequestMix, NamesLineAndColumnOfAMixFile) {
  EXPECT_TRUE(ParseRequestMix("requests: [{name: home, path: /}]").ok());
  EXPECT_THAT(ParseRequestMix("requests:\n  - {name: home}").status().message(),
              HasSubstr("mix line 2, column"));
  EXPECT_THAT(ParseRequestMix("requests: [").status().message(), HasSubstr("this is not YAML"));
  EXPECT_THAT(ParseRequestMix("").status().message(), HasSubstr("must be a mapping"));
  EXPECT_THAT(ParseRequestMix("requests: [{name: a, path: /}]\nids: 3").status().message(),
              HasSubstr("'ids' must be a mapping"));
}

}  // namespace
}  // namespace grayling
