#include "daemon/campaign/timeline_svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/fault_kinds.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

CampaignPlan Plan(const std::string& services, const std::string& order = "sequential") {
  const absl::StatusOr<CampaignPlan> plan =
      ParsePlan(absl::StrCat(R"(
name: picture
vm: vms/lab
load: [{name: calm, url: 'forward:8080', users: 4}, {name: busy, users: 8}]
scrape: [probe]
phases: {warmup_s: 60, before_s: 20, during_s: 60, after_s: 20, cooldown_s: 30, gap_s: 10}
order: {policy: )",
                             order, R"(}
baseline: 1
faults:
  - {kind: network.delay, services: )",
                             services, R"(, intensities: [gray(20%), 40]}
  - {kind: cpu.load, services: )",
                             services, R"(, shape: {kind: ramp, from: 0.2}}
  - {kind: process.kill, services: )",
                             services, R"(}
  - {kind: vm.pause, shape: {kind: pulse, period_s: 20}}
)"));
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : CampaignPlan();
}

// Reads tags, attributes and character data strictly; empty when the text is one element whose tags
// match, else what is wrong.
std::string WhatIsIllFormed(const std::string& xml) {
  std::vector<std::string> open;
  for (size_t at = 0; at < xml.size();) {
    if (xml[at] == '&') {
      const std::string entity = xml.substr(at, xml.find(';', at) - at + 1);
      static const std::set<std::string> kKnown = {"&amp;", "&lt;", "&gt;", "&quot;"};
      if (kKnown.count(entity) == 0) return "a bare & before " + xml.substr(at, 20);
      at += entity.size();
      continue;
    }
    if (xml[at] != '<') {
      if (static_cast<unsigned char>(xml[at]) < 0x20 && xml[at] != '\n') return "a control letter";
      if (open.empty() && xml[at] != '\n') return "text outside";
      ++at;
      continue;
    }
    const size_t end = xml.find('>', at);
    if (end == std::string::npos) return "a tag without end";
    std::string tag = xml.substr(at + 1, end - at - 1);
    at = end + 1;
    if (tag.find('<') != std::string::npos) return "a < in " + tag;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return "unexpected " + tag;
      open.pop_back();
      continue;
    }
    int quotes = 0;
    for (const char c : tag) quotes += c == '"' ? 1 : 0;
    if (quotes % 2 != 0) return "an open attribute in " + tag;
    if (tag.back() != '/') open.push_back(tag.substr(0, tag.find(' ')));
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

std::string Drawn(const CampaignPlan& plan) { return TimelineSvg(plan, LayOut(plan)); }

TEST(TimelineSvg, LooksAsAgreed) {
  const std::string path = std::string(GRAYLING_CAMPAIGN_GOLDEN) + "/picture.svg";
  const std::string ours = Drawn(Plan("[visits-service, vets-service]"));
  if (std::getenv("GRAYLING_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << ours;
  EXPECT_EQ(ours, TextOf(path)) << path;
}

TEST(TimelineSvg, ThePlansOfTheRepositoryAreDrawnWellFormedWithATitleForEachWindow) {
  for (const char* name : {"lab/demo.yaml", "lab/short.yaml", "thesis.yaml", "gray.yaml"}) {
    const absl::StatusOr<CampaignPlan> plan =
        ParsePlan(TextOf(std::string(GRAYLING_PLANS) + "/" + name));
    ASSERT_TRUE(plan.ok()) << plan.status();
    const Timeline timeline = LayOut(*plan);
    const std::string svg = TimelineSvg(*plan, timeline);
    EXPECT_EQ(WhatIsIllFormed(svg), "") << name;
    size_t titles = 0;
    for (size_t at = svg.find("<title>"); at != std::string::npos; at = svg.find("<title>", at + 1))
      ++titles;
    EXPECT_GE(titles, timeline.windows.size()) << name;
  }
}

TEST(TimelineSvg, NamesCannotBreakOut) {
  const std::string svg =
      Drawn(Plan(R"(["</svg><script>alert(1)</script>", "a&b\"c\u0007", 'x" onload="y'])"));
  EXPECT_EQ(WhatIsIllFormed(svg), "");
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr("&lt;/svg&gt;&lt;script"));
  EXPECT_THAT(svg, HasSubstr("a&amp;b&quot;c "));
}

TEST(TimelineSvg, APlanOfThousandsOfWindowsStaysSmallEnoughForOneAnswer) {
  CampaignPlan plan = Plan("[a]");
  plan.loads.resize(1);
  plan.repetitions = 1900;
  plan.baseline = 0;
  for (PlannedFault& fault : plan.faults) {
    fault.shape = FaultShape();
    fault.parameters.assign(plan.repetitions, fault.parameters.front());
  }
  const Timeline timeline = LayOut(plan);
  ASSERT_EQ(timeline.windows.size(), 9500u);
  const std::string svg = TimelineSvg(plan, timeline);
  EXPECT_EQ(WhatIsIllFormed(svg), "");
  EXPECT_LT(svg.size(), 3u << 20);
}

TEST(TimelineSvg, EveryKindHasAColourOfItsOwn) {
  std::set<std::string> colours = {KindColour(kBaselineKind)};
  for (const FaultKind& kind : FaultKinds()) {
    const std::string colour = KindColour(kind.kind);
    EXPECT_EQ(colour.size(), 7u) << colour;
    EXPECT_TRUE(colours.insert(colour).second) << kind.kind << " " << colour;
  }
}

TEST(TimelineSvg, TimesAreHoursAndMinutes) {
  EXPECT_EQ(HoursAndMinutes(absl::Minutes(307), false), "5:07");
  EXPECT_EQ(HoursAndMinutes(absl::Hours(26), false), "26:00");
  EXPECT_EQ(HoursAndMinutes(absl::Seconds(307), true), "0:05:07");
}

}  // namespace
}  // namespace grayling
