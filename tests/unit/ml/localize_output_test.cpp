#include "ml/commands/localize_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/ml/shop_recording.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LocalizeOutputTest : public ::testing::Test {
 protected:
  LocalizeOutputTest() {
    shop_.Column("front/cpu", 20).Column("cart/cpu", 20).Column("front>cart/latency", 0.01F);
    shop_.During("front>cart/latency", 20);
  }

  LocalisedFault Fault(const std::string& label, const std::string& truth) {
    return {"r1", shop_.start(), label, truth,
            *Localise(shop_.dataset(), shop_.run(), shop_.start())};
  }

  ShopRecording shop_;
};

TEST_F(LocalizeOutputTest, TheRankingsFileHoldsRunStartAndServicesInOrder) {
  const auto json = nlohmann::json::parse(RankingsAsJson({Fault("delay", "cart")}));
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0].size(), 3U);
  EXPECT_EQ(json[0]["run"], "r1");
  EXPECT_EQ(json[0]["start"], shop_.start());
  EXPECT_EQ(json[0]["ranking"], (std::vector<std::string>{"cart", "front"}));
}

TEST_F(LocalizeOutputTest, TheSummaryCountsByKindAndLeavesOutFaultsWithoutAKnownService) {
  const LocalisationSummary summary =
      Summarise({Fault("delay", "cart"), Fault("delay", "front"), Fault("cpu", "")});
  EXPECT_EQ(summary.all.events(), 2);
  EXPECT_EQ(summary.all.At(1), 0.5);
  EXPECT_EQ(summary.by_label.size(), 1U);
  EXPECT_THAT(FormatSummary(summary), HasSubstr("| 0.500 | 1.000 | 1.000 | 0.900\n"));
}

TEST_F(LocalizeOutputTest, WithoutAnyKnownServiceTheSummarySaysSo) {
  EXPECT_THAT(FormatSummary(Summarise({Fault("cpu", "")})), HasSubstr("there is no AC@k"));
}

TEST_F(LocalizeOutputTest, AFaultWithoutRowsIsAMiss) {
  EXPECT_EQ(Summarise({{"r1", 1e9, "cpu", "cart", {}}}).all.At(5), 0);
}

TEST_F(LocalizeOutputTest, TheEvidenceShowsTheColumnBeforeAndDuring) {
  const std::string text = FormatEvidence(Fault("", ""), shop_.dataset());
  EXPECT_THAT(text, HasSubstr("1. cart"));
  EXPECT_THAT(text, HasSubstr("callers' view"));
  EXPECT_THAT(text, HasSubstr("front>cart/latency"));
  EXPECT_THAT(text, Not(HasSubstr("no ranking")));
}

TEST_F(LocalizeOutputTest, TheReportForProgramsHasAccuracyAndEvidence) {
  const std::vector<LocalisedFault> faults = {Fault("delay", "cart")};
  const auto json = nlohmann::json::parse(ReportAsJson(faults, Summarise(faults), shop_.dataset()));
  EXPECT_EQ(json["accuracy"]["ac@1"], 1.0);
  EXPECT_EQ(json["accuracy"]["by_label"]["delay"]["events"], 1);
  EXPECT_EQ(json["faults"][0]["ranking"][0]["moves"][0]["column"], "front>cart/latency");
}

}  // namespace
}  // namespace grayling
