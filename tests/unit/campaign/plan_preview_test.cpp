#include "daemon/campaign/plan_preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

CampaignPlan Plan() {
  const absl::StatusOr<CampaignPlan> plan = ParsePlan(R"(
name: preview
vm: vms/lab
load: [{name: calm, url: 'forward:8080', users: 4}, {name: busy, users: 8}]
scrape: [probe]
phases: {warmup_s: 5, before_s: 1, during_s: 4, after_s: 1, cooldown_s: 2}
repetitions: 2
baseline: 1
faults:
  - {kind: network.partition, services: [a], options: {direction: both}}
  - {kind: cpu.load, services: [a], intensities: [50, gray(20%)], shape: {kind: ramp}}
)");
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : CampaignPlan();
}

TEST(PlanPreview, CountsTheWindowsOfEachClass) {
  std::vector<std::string> lines;
  for (const v1::WindowClass& one : WindowClasses(Plan(), LayOut(Plan()))) {
    lines.push_back(absl::StrCat(one.kind(), " ", one.service(), " ", one.intensity(), " ",
                                 one.gray(), " ", one.load(), " ", one.windows()));
  }
  EXPECT_THAT(lines, ElementsAre("cpu.load a 0 20% busy 2", "cpu.load a 50  busy 2",
                                 "cpu.load a 0 20% calm 2", "cpu.load a 50  calm 2",
                                 "network.partition a 0  busy 2", "network.partition a 0  calm 2",
                                 "none  0  busy 1", "none  0  calm 1"));
}

TEST(PlanPreview, SaysEverythingOfAWindow) {
  const v1::PlanCampaignResponse preview = PreviewOf(Plan(), LayOut(Plan()), {}, {});
  EXPECT_EQ(preview.duration().seconds(), absl::ToInt64Seconds(LayOut(Plan()).duration));
  ASSERT_EQ(preview.windows_size(), 14);
  const v1::FaultWindow& gray = preview.windows(3);
  EXPECT_EQ(gray.spec().kind(), "cpu.load");
  EXPECT_EQ(gray.gray(), "20%");
  EXPECT_EQ(gray.load(), "calm");
  EXPECT_EQ(gray.spec().shape().kind(), v1::FaultShape::KIND_RAMP);
  EXPECT_EQ(gray.spec().parameters().count("percent"), 0u) << "not looked up yet";
  EXPECT_EQ(preview.windows(1).spec().options().at("direction"), "both");
  EXPECT_EQ(preview.windows(0).spec().kind(), "none");
  EXPECT_GT(preview.traffic().requests(), 0);
  EXPECT_THAT(preview.svg(), StartsWith("<svg "));
}

}  // namespace
}  // namespace grayling
