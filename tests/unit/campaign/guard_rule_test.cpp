#include "daemon/campaign/guard_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace grayling {
namespace {

using ::testing::HasSubstr;

GuardRule Rule(const std::string& text) {
  const absl::StatusOr<GuardRule> rule = ParseGuardRule(text);
  EXPECT_TRUE(rule.ok()) << rule.status();
  return rule.ok() ? *rule : GuardRule();
}

std::string ComplaintAbout(const std::string& text) {
  const absl::Status status = ParseGuardRule(text).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << text << ": " << status;
  return std::string(status.message());
}

TEST(GuardRule, ErrorsAreWrittenInPercentAndComparedAsAShare) {
  const GuardRule rule = Rule("errors > 20%");
  EXPECT_EQ(rule.quantity, GuardQuantity::kErrors);
  EXPECT_DOUBLE_EQ(rule.threshold, 0.2);
  EXPECT_TRUE(rule.Holds(0.21));
  EXPECT_FALSE(rule.Holds(0.2));
  EXPECT_DOUBLE_EQ(Rule("  errors>2.5 %").threshold, 0.025);
}

TEST(GuardRule, LatenciesAreBadAboveAndRatesAndSpaceBelow) {
  EXPECT_EQ(Rule("p50_ms > 100").quantity, GuardQuantity::kP50);
  EXPECT_EQ(Rule("p95_ms > 500").quantity, GuardQuantity::kP95);
  EXPECT_EQ(Rule("p99_ms > 500").quantity, GuardQuantity::kP99);
  EXPECT_TRUE(Rule("p95_ms > 500").Holds(501));
  const GuardRule rate = Rule("requests_per_second < 1.5");
  EXPECT_EQ(rate.quantity, GuardQuantity::kRequestsPerSecond);
  EXPECT_TRUE(rate.Holds(1.4));
  EXPECT_FALSE(rate.Holds(1.5));
  EXPECT_EQ(Rule("disk_free_mib < 500").quantity, GuardQuantity::kDiskFree);
}

TEST(GuardRule, SilenceIsInSecondsAndHealthNamesItsService) {
  const GuardRule silent = Rule("guest silent > 10s");
  EXPECT_EQ(silent.quantity, GuardQuantity::kGuestSilent);
  EXPECT_EQ(silent.threshold, 10);
  const GuardRule health = Rule("health visits-service unhealthy");
  EXPECT_EQ(health.quantity, GuardQuantity::kUnhealthy);
  EXPECT_EQ(health.service, "visits-service");
  EXPECT_TRUE(health.Holds(1));
  EXPECT_FALSE(health.Holds(0));
}

TEST(GuardRule, NothingMeasuredIsNoNews) {
  EXPECT_FALSE(Rule("p95_ms > 500").Holds(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(Rule("requests_per_second < 1").Holds(std::numeric_limits<double>::quiet_NaN()));
}

TEST(GuardRule, ARuleThatIsNoneIsToldHowRulesLook) {
  EXPECT_THAT(ComplaintAbout("error > 20%"), HasSubstr("a rule looks like errors > 20%"));
  EXPECT_THAT(ComplaintAbout(""), HasSubstr("a rule looks like"));
  EXPECT_THAT(ComplaintAbout("health visits-service"), HasSubstr("a rule looks like"));
  EXPECT_THAT(ComplaintAbout("health visits-service healthy"), HasSubstr("a rule looks like"));
}

TEST(GuardRule, TheWrongSideAUnitOrANumberIsNamed) {
  EXPECT_EQ(ComplaintAbout("errors < 20%"), "guard 'errors < 20%': write errors > and a number");
  EXPECT_EQ(ComplaintAbout("errors > 20"),
            "guard 'errors > 20': behind the > stands a number with %");
  EXPECT_EQ(ComplaintAbout("p95_ms > 500ms"),
            "guard 'p95_ms > 500ms': behind the > stands a number and nothing else");
  EXPECT_THAT(ComplaintAbout("errors > 120%"), HasSubstr("must lie between 0 and 100%"));
  EXPECT_THAT(ComplaintAbout("p95_ms > nan"), HasSubstr("must lie between"));
  EXPECT_THAT(ComplaintAbout("disk_free_mib > 5"), HasSubstr("write disk_free_mib < and"));
}

TEST(GuardRule, ActionsAreThreeWords) {
  for (const GuardAction action : {GuardAction::kAbort, GuardAction::kPause, GuardAction::kSkip}) {
    EXPECT_EQ(ParseGuardAction(GuardActionWord(action)).value(), action);
  }
  EXPECT_THAT(std::string(ParseGuardAction("stop").status().message()),
              HasSubstr("abort, pause or skip, not 'stop'"));
}

TEST(GuardRule, ValuesAreToldInTheUnitsOfTheRules) {
  EXPECT_EQ(GuardValueText(GuardQuantity::kErrors, 0.275), "27.5 %");
  EXPECT_EQ(GuardValueText(GuardQuantity::kP95, 812), "812 ms");
  EXPECT_EQ(GuardValueText(GuardQuantity::kGuestSilent, 12), "12 s");
  EXPECT_EQ(GuardValueText(GuardQuantity::kUnhealthy, 1), "unhealthy");
}

}  // namespace
}  // namespace grayling
