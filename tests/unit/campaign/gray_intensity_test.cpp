#include "daemon/campaign/gray_intensity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "daemon/campaign/timeline.h"
#include "daemon/fault/catalogue.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

constexpr char kGrayPlan[] = R"(
name: gray
vm: vms/lab
load: {url: 'forward:8080'}
scrape: [probe]
phases: {warmup_s: 0, before_s: 1, during_s: 2, after_s: 1, cooldown_s: 0}
faults:
  - {kind: network.delay, services: [a, b], intensities: [gray(10%), 30], parameters: {jitter_ms: 5}}
)";

CampaignPlan Plan() {
  const absl::StatusOr<CampaignPlan> plan = ParsePlan(kGrayPlan);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *plan : CampaignPlan();
}

TEST(GrayText, APercentageInBracketsIsReadAndNumbersAreSomethingElse) {
  EXPECT_EQ(ParseGray("gray(20%)").value(), 20);
  EXPECT_EQ(ParseGray(" gray(12.5%) ").value(), 12.5);
  EXPECT_TRUE(absl::IsNotFound(ParseGray("40").status()));
  for (const char* wrong : {"gray", "gray(20)", "gray()", "gray(0%)", "gray(99%)", "gray(nan%)"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseGray(wrong).status())) << wrong;
  }
}

TEST(ResolveGray, StaysSymbolicUntilItIsResolved) {
  const Timeline timeline = LayOut(Plan());
  ASSERT_EQ(timeline.windows.size(), 4u);
  EXPECT_EQ(timeline.windows[0].gray_percent, 10);
  EXPECT_EQ(GrayText(timeline.windows[0]), "10%");
  EXPECT_TRUE(std::isnan(timeline.windows[0].parameters.at("delay_ms")));
  EXPECT_EQ(timeline.windows[0].parameters.at("jitter_ms"), 5);
  EXPECT_EQ(timeline.windows[1].parameters.at("delay_ms"), 30);
  EXPECT_EQ(GrayText(timeline.windows[1]), "");
}

TEST(ResolveGray, WhatIsNotResolvedIsRefusedByTheCatalogueInsteadOfGettingADefault) {
  const PlannedWindow window = LayOut(Plan()).windows[0];
  const absl::Status refused =
      CompleteValues(**FindFaultKind(window.kind), {window.parameters, window.options}).status();
  EXPECT_THAT(std::string(refused.message()), HasSubstr("parameter delay_ms of network.delay is"));
}

TEST(ResolveGray, EachServiceGetsItsOwnValueAndTheTargetStaysAsALabel) {
  const auto plan =
      ResolveGray(Plan(),
                  [](const std::string& vm, const std::string& kind, const std::string& service,
                     double target) -> absl::StatusOr<double> {
                    EXPECT_EQ(vm, "vms/lab");
                    EXPECT_EQ(kind, "network.delay");
                    EXPECT_EQ(target, 10);
                    return service == "a" ? 12.5 : 17;
                  });
  ASSERT_TRUE(plan.ok()) << plan.status();
  const Timeline timeline = LayOut(*plan);
  EXPECT_EQ(timeline.windows[0].parameters.at("delay_ms"), 12.5);
  EXPECT_EQ(timeline.windows[2].parameters.at("delay_ms"), 17);
  EXPECT_EQ(timeline.windows[2].service, "b");
  EXPECT_EQ(GrayText(timeline.windows[2]), "10%");
}

TEST(ResolveGray, AMissingCalibrationNamesTheCommandToRun) {
  const absl::Status status = ResolveGray(Plan(), [](auto&&...) -> absl::StatusOr<double> {
                                return absl::NotFoundError("none");
                              }).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(),
            "gray(10%) of network.delay on a was not calibrated yet; run `grayling fault calibrate "
            "network.delay --vm lab --service a --slo 'p95<=200ms,errors<=1%' --target 10` under "
            "the plan's load");
}

TEST(ResolveGray, ACalibrationWithoutSuchAPointTellsWhy) {
  const absl::Status status =
      ResolveGray(Plan(), [](auto&&...) -> absl::StatusOr<double> {
        return absl::FailedPreconditionError("clients never lose that much unseen");
      }).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("clients never lose that much unseen"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("grayling fault calibrate"));
}

TEST(ResolveGray, AValueThatTheKindRefusesIsRefused) {
  const auto refuse = [](double value) {
    return ResolveGray(Plan(), [value](auto&&...) -> absl::StatusOr<double> { return value; })
        .status();
  };
  EXPECT_THAT(std::string(refuse(20000).message()), HasSubstr("must lie between 1 and 10000"));
  EXPECT_THAT(std::string(refuse(3).message()), HasSubstr("must not be larger than delay_ms"));
  EXPECT_TRUE(refuse(6).ok());
}

TEST(ResolveGray, APlanOfNumbersDoesNotAsk) {
  CampaignPlan plan = Plan();
  plan.faults[0].intensities.erase(plan.faults[0].intensities.begin());
  EXPECT_TRUE(ResolveGray(plan, nullptr).ok());
}

}  // namespace
}  // namespace grayling
