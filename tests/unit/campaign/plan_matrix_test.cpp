#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/campaign/plan.h"
#include "daemon/campaign/timeline.h"

// The plan's matrix: services, intensities, loads, baselines; and what stands beside it.

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMatrix[] = R"(name: matrix
vm: vms/lab
services: [{name: a, reason: on every path}, b]
load:
  - {name: calm, url: 'forward:8080', users: 4, ramp_up_s: 8}
  - {name: busy, users: 9}
scrape: [probe]
phases: {warmup_s: 10, before_s: 1, during_s: 4, after_s: 1, cooldown_s: 2, gap_s: 3}
order: {policy: sequential}
repetitions: 2
baseline: true
faults:
  - kind: network.loss
    services: all
    intensities: [4, 8]
    parameters: {correlation_percent: [0, 10]}
    options: {direction: out, peer: b}
    shape: {kind: pulse, period_s: 2, duty: 0.25}
  - {kind: vm.cpu_cap, intensity: gray(20%)}
guards:
  - {rule: errors > 20%, for_s: 4, clear_s: 6, action: pause}
  - {rule: health a unhealthy, action: skip}
on_failure: {retry: 2, then: abort}
grafana: {annotate: true}
notes: a night's work
)";

std::string Changed(const std::string& from, const std::string& to) {
  const std::string plan = kMatrix;
  EXPECT_NE(plan.find(from), std::string::npos) << from;
  return absl::StrReplaceAll(plan, {{from, to}});
}

CampaignPlan Parsed(const std::string& yaml) {
  const absl::StatusOr<CampaignPlan> plan = ParsePlan(yaml);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : CampaignPlan();
}

std::string ComplaintAbout(const std::string& yaml) {
  const absl::Status status = ParsePlan(yaml).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

std::vector<std::string> Cells(const Timeline& timeline) {
  std::vector<std::string> cells;
  for (const PlannedWindow& window : timeline.windows) {
    const auto value = window.parameters.find("percent");
    cells.push_back(absl::StrCat(
        window.group, " l", window.load, " ", window.kind, " ", window.service, " ",
        value == window.parameters.end() || window.gray_percent > 0 ? GrayText(window)
                                                                    : absl::StrCat(value->second)));
  }
  return cells;
}

TEST(PlanMatrix, EveryPartIsRead) {
  const CampaignPlan plan = Parsed(kMatrix);
  ASSERT_EQ(plan.services.size(), 2u);
  EXPECT_EQ(plan.services[0].reason, "on every path");
  ASSERT_EQ(plan.loads.size(), 2u);
  EXPECT_EQ(plan.load.users, 4u);
  EXPECT_EQ(plan.loads[1].name, "busy");
  EXPECT_EQ(plan.loads[1].settings.users, 9u);
  EXPECT_EQ(plan.loads[1].settings.base_url, "forward:8080") << "taken from the first level";
  EXPECT_EQ(plan.loads[1].settings.ramp_up, absl::Seconds(8));
  EXPECT_EQ(plan.phases.gap, absl::Seconds(3));
  EXPECT_EQ(plan.baseline, 1);
  ASSERT_EQ(plan.faults.size(), 2u);
  EXPECT_EQ(plan.faults[0].options.at("direction"), "out");
  EXPECT_EQ(plan.faults[0].options.at("peer"), "b");
  EXPECT_EQ(plan.faults[0].shape.kind, "pulse");
  EXPECT_EQ(plan.faults[0].shape.duty, 0.25);
  EXPECT_EQ(plan.faults[1].intensities[0].gray_percent, 20);
  ASSERT_EQ(plan.guards.size(), 2u);
  EXPECT_EQ(plan.guards[0].hold, absl::Seconds(4));
  EXPECT_EQ(plan.guards[0].clear, absl::Seconds(6));
  EXPECT_EQ(plan.guards[0].action, GuardAction::kPause);
  EXPECT_EQ(plan.guards[1].hold, absl::Seconds(3));
  ASSERT_TRUE(plan.on_failure.has_value());
  EXPECT_EQ(plan.on_failure->retries, 2);
  EXPECT_EQ(plan.on_failure->then, AfterRetries::kAbort);
  EXPECT_TRUE(plan.annotate);
  EXPECT_EQ(plan.notes, "a night's work");
}

TEST(PlanMatrix, EachServiceIntensityAndLoadIsACellInEachRepetition) {
  EXPECT_THAT(
      Cells(LayOut(Parsed(kMatrix))),
      ElementsAre("r1 l0 none  ", "r1 l0 network.loss a 4", "r1 l0 network.loss a 8",
                  "r1 l0 network.loss b 4", "r1 l0 network.loss b 8", "r1 l0 vm.cpu_cap  20%",
                  "r1 l1 none  ", "r1 l1 network.loss a 4", "r1 l1 network.loss a 8",
                  "r1 l1 network.loss b 4", "r1 l1 network.loss b 8", "r1 l1 vm.cpu_cap  20%",
                  "r2 l0 network.loss a 4", "r2 l0 network.loss a 8", "r2 l0 network.loss b 4",
                  "r2 l0 network.loss b 8", "r2 l0 vm.cpu_cap  20%", "r2 l1 network.loss a 4",
                  "r2 l1 network.loss a 8", "r2 l1 network.loss b 4", "r2 l1 network.loss b 8",
                  "r2 l1 vm.cpu_cap  20%"));
}

TEST(PlanMatrix, WindowsCarryOptionsShapeAndTheRepetitionsParameters) {
  const Timeline timeline = LayOut(Parsed(kMatrix));
  EXPECT_EQ(timeline.windows[1].options.at("direction"), "out");
  EXPECT_EQ(timeline.windows[1].shape.kind, "pulse");
  EXPECT_EQ(timeline.windows[1].parameters.at("correlation_percent"), 0);
  EXPECT_EQ(timeline.windows[12].parameters.at("correlation_percent"), 10);
  EXPECT_TRUE(timeline.windows[0].IsBaseline());
  EXPECT_TRUE(timeline.windows[0].parameters.empty());
  EXPECT_EQ(timeline.windows[0].end - timeline.windows[0].start, absl::Seconds(4));
}

TEST(PlanMatrix, AGapStandsBetweenWindowsAndALoadsRampUpWhereItChanges) {
  const Timeline timeline = LayOut(Parsed(kMatrix));
  EXPECT_EQ(timeline.windows[0].before, absl::Seconds(10));
  EXPECT_EQ(timeline.windows[1].before, absl::Seconds(10 + 6 + 3));
  ASSERT_EQ(timeline.load_changes.size(), 4u);
  EXPECT_EQ(timeline.load_changes[0].at, absl::ZeroDuration());
  EXPECT_EQ(timeline.load_changes[0].level, 0u);
  EXPECT_EQ(timeline.load_changes[1].at, timeline.windows[5].after);
  EXPECT_EQ(timeline.load_changes[1].level, 1u);
  EXPECT_EQ(timeline.windows[6].before, timeline.windows[5].after + absl::Seconds(8));
  // 22 windows of 6 s, 18 gaps of 3 s, 3 ramp-ups of 8 s.
  EXPECT_EQ(timeline.duration, absl::Seconds(10 + 22 * 6 + 18 * 3 + 3 * 8 + 2));
}

TEST(PlanMatrix, RoundRobinCountsItsBudgetAndWhatWasCovered) {
  const CampaignPlan plan = Parsed(absl::StrReplaceAll(
      kMatrix, {{"order: {policy: sequential}\nrepetitions: 2\nbaseline: true",
                 "order:\n  policy: round-robin-budget\n  budget: 2\n  covered:\n"
                 "    - {kind: network.loss, service: a, windows: 2}\n"
                 "    - {kind: vm.cpu_cap, intensity: gray(20%), load: calm}"}}));
  EXPECT_EQ(plan.repetitions, 2);
  std::map<std::string, int> windows;
  for (const PlannedWindow& window : LayOut(plan).windows) {
    ++windows[absl::StrCat(window.kind, " ", window.service, " l", window.load)];
  }
  EXPECT_EQ(windows, (std::map<std::string, int>{{"network.loss b l0", 4},
                                                 {"network.loss b l1", 4},
                                                 {"vm.cpu_cap  l0", 1},
                                                 {"vm.cpu_cap  l1", 2}}));
  EXPECT_THAT(ComplaintAbout(Changed("order: {policy: sequential}\nrepetitions: 2",
                                     "order: {policy: round-robin-budget, budget: 3}\n"
                                     "repetitions: 2")),
              HasSubstr("'budget' is 3 but 'repetitions' is 2"));
  EXPECT_THAT(ComplaintAbout(Changed("policy: sequential", "policy: random, budget: 2")),
              HasSubstr("belongs to the policy round-robin-budget"));
  EXPECT_THAT(ComplaintAbout(Changed("policy: sequential", "policy: fast")),
              HasSubstr("plan line 9, column 17: 'policy' in 'order' is 'fast'; it must be random, "
                        "sequential or round-robin-budget"));
}

TEST(PlanMatrix, ServicesAreCheckedAgainstThePlansList) {
  EXPECT_THAT(ComplaintAbout(Changed("services: all", "services: [a, c]")),
              HasSubstr("plan line 14, column 19: service 'c' of entry 1 of 'faults' is not among "
                        "the plan's 'services', which are a, b"));
  EXPECT_THAT(ComplaintAbout(Changed("services: [{name: a, reason: on every path}, b]\n", "")),
              HasSubstr("but the plan lists no 'services'"));
  EXPECT_THAT(ComplaintAbout(Changed("reason: on every path}, b]", "reason: x}, a]")),
              HasSubstr("'a' stands twice in 'services'"));
  EXPECT_THAT(ComplaintAbout(Changed("{kind: vm.cpu_cap,", "{kind: vm.cpu_cap, services: [a],")),
              HasSubstr("vm.cpu_cap acts on the VM itself; leave 'services' of entry 2"));
}

TEST(PlanMatrix, IntensitiesAreCheckedWithTheKindsRange) {
  EXPECT_THAT(
      ComplaintAbout(Changed("[4, 8]", "[4, 800]")),
      HasSubstr("plan line 15, column 18: parameter percent of network.loss is 800; it must "
                "lie between 0.1 and 100"));
  EXPECT_THAT(ComplaintAbout(Changed("[4, 8]", "[4, 4]")), HasSubstr("stands twice"));
  EXPECT_THAT(ComplaintAbout(Changed("[4, 8]", "[4, much]")),
              HasSubstr("plan line 15, column 22: an intensity of entry 1 of 'faults' must be a "
                        "number or gray(20%)"));
  EXPECT_THAT(ComplaintAbout(Changed("gray(20%)", "gray(20)")), HasSubstr("write gray(20%)"));
  EXPECT_THAT(
      ComplaintAbout(Changed("{correlation_percent: [0, 10]}", "{percent: 4}")),
      HasSubstr("'percent' is the intensity of entry 1 of 'faults', which is given beside"));
  EXPECT_THAT(ComplaintAbout(Changed("intensity: gray(20%)", "intensity: 20, intensities: [30]")),
              HasSubstr("keep one of them"));
  EXPECT_THAT(ComplaintAbout(Changed("kind: vm.cpu_cap", "kind: vm.link_down")),
              HasSubstr("vm.link_down is on or off and has no intensity"));
}

TEST(PlanMatrix, OptionsShapesBackendsAndArgumentsAreChecked) {
  EXPECT_THAT(
      ComplaintAbout(Changed("direction: out", "direction: up")),
      HasSubstr("option direction of network.loss is 'up'; it must be one of in, out, both"));
  EXPECT_THAT(ComplaintAbout(Changed("direction: out", "way: out")),
              HasSubstr("unknown key 'way' in 'options' of entry 1 of 'faults'; allowed keys are "
                        "direction, peer"));
  EXPECT_THAT(ComplaintAbout(Changed("kind: pulse", "kind: wave")),
              HasSubstr("there is no shape 'wave'"));
  EXPECT_THAT(ComplaintAbout(Changed("duty: 0.25", "duty: 25")),
              HasSubstr("'duty' in 'shape' of entry 1 of 'faults' is 25; it must lie between"));
  const std::string kill = "{kind: process.kill, services: [a]";
  const auto with = [&](const std::string& more) {
    return Changed("{kind: vm.cpu_cap, intensity: gray(20%)}", kill + more + "}");
  };
  EXPECT_THAT(ComplaintAbout(with(", shape: {kind: ramp}")),
              HasSubstr("the intensity of process.kill cannot change while it acts"));
  EXPECT_THAT(ComplaintAbout(with(", backend: blade")), HasSubstr("'backend' in entry 2"));
  EXPECT_THAT(ComplaintAbout(with(", arguments: [x]")), HasSubstr("belongs to the kind blade"));
  const CampaignPlan blade =
      Parsed(Changed("{kind: vm.cpu_cap, intensity: gray(20%)}",
                     "{kind: blade, services: [a], arguments: [cpu, load, cpu]}"));
  EXPECT_THAT(blade.faults[1].arguments, ElementsAre("cpu", "load", "cpu"));
  EXPECT_EQ(blade.faults[1].backend, "chaosblade");
  EXPECT_THAT(ComplaintAbout(Changed("{kind: vm.cpu_cap, intensity: gray(20%)}",
                                     "{kind: blade, services: [a]}")),
              HasSubstr("lacks the key 'arguments'"));
}

TEST(PlanMatrix, LoadsNeedNamesOfTheirOwn) {
  EXPECT_THAT(ComplaintAbout(Changed("name: busy", "name: calm")),
              HasSubstr("plan line 6, column 12: two entries of 'load' have the name 'calm'"));
  EXPECT_THAT(ComplaintAbout(Changed("{name: busy, users", "{users")),
              HasSubstr("entry 2 of 'load' lacks the key 'name'"));
  EXPECT_THAT(ComplaintAbout(Changed("url: 'forward:8080', ", "")), HasSubstr("the key 'url'"));
}

TEST(PlanMatrix, GuardsAndTheRestAreChecked) {
  EXPECT_THAT(ComplaintAbout(Changed("errors > 20%", "errors > 20")),
              HasSubstr("plan line 21, column 12: guard 'errors > 20': behind the > stands a"));
  EXPECT_THAT(ComplaintAbout(Changed("action: skip", "action: stop")),
              HasSubstr("'action' in entry 2 of 'guards' is 'stop'; it must be abort, pause or "
                        "skip"));
  EXPECT_THAT(ComplaintAbout(Changed(", action: skip", "")), HasSubstr("lacks the key 'action'"));
  EXPECT_THAT(ComplaintAbout(Changed("then: abort", "then: weep")), HasSubstr("skip or abort"));
  EXPECT_THAT(ComplaintAbout(Changed("annotate: true", "annotate: yes")),
              HasSubstr("'annotate' in 'grafana' must be true or false"));
  EXPECT_THAT(ComplaintAbout(Changed("baseline: true", "baseline: maybe")),
              HasSubstr("'baseline' in the plan must be true, false or a number"));
}

TEST(PlanMatrix, APlanWhoseCellsAreAllCoveredIsRefused) {
  EXPECT_THAT(ComplaintAbout(absl::StrReplaceAll(
                  kMatrix,
                  {{"order: {policy: sequential}\nrepetitions: 2\nbaseline: true",
                    "order:\n  policy: round-robin-budget\n  budget: 2\n  covered: [{kind: "
                    "network.loss, service: a, "
                    "windows: 9}, {kind: network.loss, service: b, windows: 9}, {kind: vm.cpu_cap, "
                    "windows: 9}]"}})),
              HasSubstr("the plan has no window"));
}

// Letters that mean something to YAML, and some that do not.
TEST(PlanMatrix, DamageIsToldInOneSentenceOrIsHarmless) {
  const bool holds = rc::check("damaged plans", [] {
    const std::string letters = "{}[]:,-&*!|>'\"%@ \n\t#0a~?";
    std::string plan = kMatrix;
    const int changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i) {
      const size_t at = *rc::gen::inRange<size_t>(0, plan.size());
      const size_t length = std::min(plan.size() - at, *rc::gen::inRange<size_t>(0, 8));
      plan.replace(at, length, 1, letters[*rc::gen::inRange<size_t>(0, letters.size())]);
    }
    const absl::StatusOr<CampaignPlan> parsed = ParsePlan(plan);
    if (parsed.ok()) {
      RC_ASSERT(!LayOut(*parsed).windows.empty());
      return;
    }
    RC_ASSERT(absl::IsInvalidArgument(parsed.status()));
    RC_ASSERT(absl::StartsWith(parsed.status().message(), "plan line "));
  });
  EXPECT_TRUE(holds);
}

std::string PlanFile(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(GRAYLING_PLANS) + "/" + name).rdbuf();
  return text.str();
}

TEST(PlansOfTheRepository, TheThesisHasAFaultFromMinute30To80OfEachRunOfTwoHours) {
  const CampaignPlan plan = Parsed(PlanFile("thesis.yaml"));
  EXPECT_EQ(plan.load.users, 35u);
  const Timeline timeline = LayOut(plan);
  ASSERT_EQ(timeline.windows.size(), 13u);
  int baselines = 0;
  for (const PlannedWindow& window : timeline.windows) {
    EXPECT_EQ(window.after - window.before, absl::Hours(2));
    EXPECT_EQ(window.start - window.before, absl::Minutes(30));
    EXPECT_EQ(window.end - window.before, absl::Minutes(80));
    baselines += window.IsBaseline() ? 1 : 0;
  }
  EXPECT_EQ(baselines, 1);
  for (const PlannedService& service : plan.services) EXPECT_NE(service.reason, "");
}

TEST(PlansOfTheRepository, TheGrayOneIsBalancedWhereverTheNightEnds) {
  const CampaignPlan plan = Parsed(PlanFile("gray.yaml"));
  EXPECT_EQ(plan.order, WindowOrder::kRoundRobinBudget);
  std::map<std::string, int> windows;
  for (const PlannedWindow& window : LayOut(plan).windows) {
    ++windows[absl::StrCat(window.kind, " ", window.service, " ", GrayText(window), " l",
                           window.load)];
  }
  EXPECT_EQ(windows.at("none   l0"), 3);
  EXPECT_EQ(windows.at("network.delay visits-service 20% l1"), 3);
  EXPECT_EQ(windows.at("cpu.throttle customers-service 20% l0"), 1) << "two were covered before";
  EXPECT_EQ(windows.at("cpu.throttle customers-service 20% l1"), 3);
}

}  // namespace
}  // namespace grayling
