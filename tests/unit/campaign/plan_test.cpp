#include "daemon/campaign/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "daemon/campaign/timeline.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

constexpr char kGoodPlan[] = R"(name: demo
vm: vms/lab
load: {url: 'forward:8080', users: 8, think_time_ms: 250, seed: 4}
scrape: [probe, node]
phases: {warmup_s: 30, before_s: 6, during_s: 12.5, after_s: 5, cooldown_s: 5}
order: {policy: random, seed: 7}
repetitions: 3
faults:
  - {kind: network.delay, services: [a, b], parameters: {delay_ms: [40, 60, 50], jitter_ms: 5}}
  - {kind: cpu.load, services: [a]}
)";

std::string Changed(const std::string& from, const std::string& to) {
  std::string plan = kGoodPlan;
  const size_t at = plan.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return plan.replace(at, from.size(), to);
}

std::string ComplaintAbout(const std::string& yaml) {
  const absl::Status status = ParsePlan(yaml).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

std::string LabPlan(const std::string& name) {
  std::ifstream file(std::string(GRAYLING_LAB_PLANS) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Plan, AGoodPlanIsReadWhole) {
  const auto plan = ParsePlan(kGoodPlan);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->name, "demo");
  EXPECT_EQ(plan->load.base_url, "forward:8080");
  EXPECT_EQ(plan->load.users, 8u);
  EXPECT_EQ(plan->load.think_time_mean, absl::Milliseconds(250));
  EXPECT_EQ(plan->load.seed, 4u);
  EXPECT_EQ(plan->phases.during, absl::Milliseconds(12500));
  EXPECT_EQ(plan->order, WindowOrder::kRandom);
  EXPECT_EQ(plan->repetitions, 3);
  ASSERT_EQ(plan->faults.size(), 2u);
  EXPECT_EQ(plan->faults[0].services, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(plan->faults[0].parameters[1],
            (std::map<std::string, double>{
                {"correlation_percent", 0}, {"delay_ms", 60}, {"jitter_ms", 5}, {"port", 0}}));
  EXPECT_EQ(plan->faults[1].parameters[2], (std::map<std::string, double>{{"percent", 80}}));
}

TEST(Plan, AnUnknownKeyIsNamedWithLineColumnAndTheAllowedKeys) {
  EXPECT_EQ(ComplaintAbout(Changed("before_s", "befor_s")),
            "plan line 5, column 24: unknown key 'befor_s' in 'phases'; allowed keys are warmup_s, "
            "before_s, during_s, after_s, cooldown_s, gap_s");
  EXPECT_THAT(ComplaintAbout(Changed("repetitions", "repeat")),
              HasSubstr("plan line 7, column 1:"));
}

TEST(Plan, AMissingKeyIsNamed) {
  EXPECT_THAT(ComplaintAbout(Changed(", cooldown_s: 5", "")),
              HasSubstr("plan line 5, column 9: 'phases' lacks the key 'cooldown_s'"));
  EXPECT_THAT(ComplaintAbout(Changed("vm: vms/lab\n", "")), HasSubstr("lacks the key 'vm'"));
}

TEST(Plan, ARepeatedKeyIsRefused) {
  EXPECT_THAT(ComplaintAbout(Changed("repetitions: 3", "vm: vms/other")),
              HasSubstr("plan line 7, column 1: key 'vm' stands twice"));
}

TEST(Plan, AWrongTypeIsNamedWithItsPlace) {
  EXPECT_THAT(ComplaintAbout(Changed("warmup_s: 30", "warmup_s: soon")),
              HasSubstr("plan line 5, column 20: 'warmup_s' in 'phases' must be a number"));
  EXPECT_THAT(ComplaintAbout(Changed("[probe, node]", "probe")),
              HasSubstr("'scrape' in the plan must be a list"));
  EXPECT_THAT(ComplaintAbout(Changed("users: 8", "users: 8.5")),
              HasSubstr("'users' in 'load' must be a whole number"));
  EXPECT_THAT(ComplaintAbout(Changed("repetitions: 3", "repetitions: [3]")),
              HasSubstr("'repetitions' in the plan must be a whole number from 1 to 1000"));
}

TEST(Plan, ValuesOutOfRangeAreNamedWithTheRange) {
  EXPECT_THAT(ComplaintAbout(Changed("during_s: 12.5", "during_s: 0")),
              HasSubstr("'during_s' in 'phases' is 0; it must lie between 0.5 and"));
  EXPECT_THAT(ComplaintAbout(Changed("during_s: 12.5", "during_s: .nan")), HasSubstr("'during_s'"));
  EXPECT_THAT(
      ComplaintAbout(Changed("[40, 60, 50]", "[40, 60000, 50]")),
      HasSubstr("plan line 9, column 57: parameter delay_ms of network.delay is 60000; it must "
                "lie between 1 and 10000 ms"));
}

TEST(Plan, AKindThatDoesNotExistIsRefusedWithTheKinds) {
  EXPECT_THAT(ComplaintAbout(Changed("cpu.load", "cpu.burn")),
              HasSubstr("plan line 10, column 12: there is no fault kind 'cpu.burn'"));
}

TEST(Plan, AListOfIntensitiesMustMatchTheRepetitions) {
  EXPECT_THAT(ComplaintAbout(Changed("[40, 60, 50]", "[40, 60]")),
              HasSubstr("'delay_ms' of entry 1 of 'faults' has 2 values for 3 repetitions"));
}

TEST(Plan, AddressesAreChecked) {
  EXPECT_THAT(ComplaintAbout(Changed("forward:8080", "forward:80800")),
              HasSubstr("write forward:PORT"));
  EXPECT_THAT(ComplaintAbout(Changed("forward:8080", "ftp://x")), HasSubstr("http://"));
  EXPECT_THAT(ComplaintAbout(Changed("vms/lab", "lab")), HasSubstr("like vms/lab"));
  EXPECT_THAT(ComplaintAbout(Changed("name: demo", "name: a/b")), HasSubstr("'name' is 'a/b'"));
}

TEST(Plan, ALoadThatTheGeneratorWouldRefuseIsRefusedWithItsPlace) {
  EXPECT_THAT(ComplaintAbout(Changed("users: 8", "users: 2001")), HasSubstr("from 1 to 2000"));
  EXPECT_THAT(ComplaintAbout(Changed("users: 8", "users: 8, mix: shop")),
              HasSubstr("unknown load mix 'shop'; use petclinic"));
  EXPECT_THAT(ComplaintAbout(Changed("forward:8080", "http://127.0.0.1:8080/")),
              HasSubstr("without a slash"));
}

TEST(Plan, JMeterTakesThePlaceOfTheBuiltInGenerator) {
  const auto with_jmeter = [](const std::string& jmeter) {
    return Changed("users: 8", absl::StrCat("users: 8, jmeter: ", jmeter));
  };
  const auto plan =
      ParsePlan(with_jmeter("{plan: /srv/shop.jmx, properties: {basket: 3, quick: true}}"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->load.jmeter_plan, "/srv/shop.jmx");
  EXPECT_EQ(plan->load.jmeter_properties,
            (std::map<std::string, std::string>{{"basket", "3"}, {"quick", "true"}}));
  EXPECT_THAT(ComplaintAbout(with_jmeter("{plan: shop.jmx}")),
              HasSubstr("JMeter plan 'shop.jmx' is no absolute path"));
  EXPECT_THAT(ComplaintAbout(with_jmeter("{properties: {a: 1}}")), HasSubstr("'plan'"));
  EXPECT_THAT(ComplaintAbout(with_jmeter("{plan: /a.jmx, properties: [a]}")),
              HasSubstr("'properties' in 'jmeter' must be a mapping"));
  EXPECT_THAT(ComplaintAbout(with_jmeter("{plan: /a.jmx, properties: {a b: 1}}")),
              HasSubstr("JMeter property 'a b' is no name"));
  EXPECT_THAT(ComplaintAbout(with_jmeter("{plan: /a.jmx, properties: {a: 1, a: 2}}")),
              HasSubstr("twice"));
}

TEST(Plan, TextThatIsNotYamlIsToldWithItsPlace) {
  EXPECT_THAT(ComplaintAbout("name: [demo\n"), HasSubstr("this is not YAML"));
  EXPECT_THAT(ComplaintAbout(""), HasSubstr("the plan must be a mapping"));
  EXPECT_THAT(ComplaintAbout("- a\n- b\n"), HasSubstr("the plan must be a mapping"));
}

TEST(Plan, TooManyWindowsAreRefused) {
  std::string services;
  for (int i = 0; i < 11; ++i) absl::StrAppend(&services, i == 0 ? "s" : ", s", i);
  EXPECT_THAT(ComplaintAbout(
                  "name: x\nvm: vms/lab\nload: {url: 'forward:1'}\nscrape: [a]\nrepetitions: 1000\n"
                  "phases: {warmup_s: 0, before_s: 0, during_s: 1, after_s: 0, cooldown_s: 0}\n"
                  "faults: [{kind: cpu.load, services: [" +
                  services + "]}]\n"),
              HasSubstr("11000 windows; the most is 10000"));
}

TEST(LabPlans, TheDemoHas36WindowsInAtMostAQuarterOfAnHour) {
  const auto plan = ParsePlan(LabPlan("demo.yaml"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const Timeline timeline = LayOut(*plan);
  EXPECT_EQ(timeline.windows.size(), 36u);
  EXPECT_LE(timeline.duration, absl::Minutes(15));
}

TEST(LabPlans, TheShortOneHasEveryKindInAboutTwoMinutes) {
  const auto plan = ParsePlan(LabPlan("short.yaml"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const Timeline timeline = LayOut(*plan);
  EXPECT_EQ(timeline.windows.size(), 6u);
  EXPECT_EQ(plan->faults.size(), 4u);
  EXPECT_LE(timeline.duration, absl::Minutes(2));
}

}  // namespace
}  // namespace grayling
