#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/campaign/plan.h"
#include "daemon/campaign/timeline.h"

// The timelines of the plans in deploy/, against files in tests/golden/campaign. After a deliberate
// change: GRAYLING_UPDATE_GOLDEN=1 campaign_test, then read the diff.

namespace grayling {
namespace {

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string Lines(const Timeline& timeline) {
  std::string lines;
  for (const PlannedWindow& window : timeline.windows) {
    absl::StrAppend(&lines, absl::FormatDuration(window.before), " ",
                    absl::FormatDuration(window.start), " ", absl::FormatDuration(window.end), " ",
                    absl::FormatDuration(window.after), " ", window.group, " ", window.kind, " ",
                    window.service, " ",
                    absl::StrJoin(window.parameters, " ", absl::PairFormatter("=")), "\n");
  }
  return absl::StrCat(lines, "ends ", absl::FormatDuration(timeline.duration), "\n");
}

class TimelineGoldenTest : public testing::TestWithParam<const char*> {};

TEST_P(TimelineGoldenTest, APlanOfTheRepositoryIsLaidOutAsAgreed) {
  const absl::StatusOr<CampaignPlan> plan =
      ParsePlan(TextOf(absl::StrCat(GRAYLING_LAB_PLANS, "/", GetParam(), ".yaml")));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const std::string path = absl::StrCat(GRAYLING_CAMPAIGN_GOLDEN, "/", GetParam(), ".timeline");
  const std::string ours = Lines(LayOut(*plan));
  if (std::getenv("GRAYLING_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << ours;
  EXPECT_EQ(ours, TextOf(path)) << path;
}

INSTANTIATE_TEST_SUITE_P(LabPlans, TimelineGoldenTest, testing::Values("demo", "short"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace grayling
