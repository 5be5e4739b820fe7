#include "daemon/fault/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {

using ::testing::HasSubstr;

absl::Status StatusOf(const char* kind, FaultParameters parameters, FaultOptions options = {}) {
  return CompleteValues(**FindFaultKind(kind), {std::move(parameters), std::move(options)})
      .status();
}

TEST(Catalogue, IsSortedAndEveryDefaultIsAllowed) {
  const std::vector<FaultKind>& kinds = FaultKinds();
  EXPECT_TRUE(std::is_sorted(kinds.begin(), kinds.end(),
                             [](const auto& a, const auto& b) { return a.kind < b.kind; }));
  for (const FaultKind& kind : kinds) EXPECT_TRUE(StatusOf(kind.kind.c_str(), {}).ok());
}

TEST(Catalogue, AnUnknownKindIsRefusedWithTheKindsThatExist) {
  const absl::Status status = FindFaultKind("network.dealy").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("'network.dealy'; the kinds are blade, cpu"));
}

TEST(Catalogue, DefaultsFillInWhatIsNotGiven) {
  const auto complete = CompleteValues(**FindFaultKind("memory.leak"), {{{"mib_per_s", 7}}, {}});
  ASSERT_TRUE(complete.ok());
  EXPECT_EQ(complete->parameters, (FaultParameters{{"mib_per_s", 7}, {"until_percent", 95}}));
  const auto words = CompleteValues(**FindFaultKind("disk.throttle"), {});
  EXPECT_EQ(words->options, (FaultOptions{{"operation", "both"}}));
}

TEST(Catalogue, AnUnknownParameterIsRefusedWithTheKnownOnes) {
  const absl::Status status = StatusOf("memory.leak", {{"mib", 70}});
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no parameter 'mib'; it has mib_per_s, until_percent"));
}

TEST(Catalogue, AWordThatIsNoChoiceIsRefusedWithTheChoices) {
  EXPECT_THAT(std::string(StatusOf("network.loss", {}, {{"direction", "up"}}).message()),
              HasSubstr("direction of network.loss is 'up'; it must be one of in, out, both"));
}

TEST(Catalogue, BothEndsOfARangeAreAllowedAndNothingBeyondThem) {
  EXPECT_TRUE(StatusOf("network.delay", {{"delay_ms", 1}}).ok());
  EXPECT_TRUE(StatusOf("network.delay", {{"delay_ms", 10000}}).ok());
  EXPECT_FALSE(StatusOf("network.delay", {{"delay_ms", 0.999}}).ok());
  EXPECT_THAT(std::string(StatusOf("network.delay", {{"delay_ms", 10001}}).message()),
              HasSubstr("delay_ms of network.delay is 10001; it must lie between 1 and 10000 ms"));
}

TEST(Catalogue, AJitterLargerThanItsDelayIsRefused) {
  EXPECT_FALSE(StatusOf("network.delay", {{"delay_ms", 10}, {"jitter_ms", 11}}).ok());
}

TEST(Catalogue, NotANumberIsOutOfEveryRange) {
  EXPECT_FALSE(StatusOf("cpu.load", {{"percent", std::nan("")}}).ok());
}

TEST(Catalogue, TheIntensityGrowsInANumberThatHurtsMoreAndShrinksInOneThatHurtsLess) {
  const FaultKind& delay = **FindFaultKind("network.delay");
  EXPECT_DOUBLE_EQ(IntensityAt(delay, 80, 0), 0);
  EXPECT_DOUBLE_EQ(IntensityAt(delay, 80, 0.25), 20);
  EXPECT_DOUBLE_EQ(IntensityAt(delay, 80, 1), 80);
  const FaultKind& rate = **FindFaultKind("network.rate");
  EXPECT_TRUE(rate.FallingHurtsMore());
  EXPECT_DOUBLE_EQ(IntensityAt(rate, 100, 0), 1e6);
  EXPECT_NEAR(IntensityAt(rate, 100, 0.5), 1e4, 1e-6);
  EXPECT_NEAR(IntensityAt(rate, 100, 1), 100, 1e-9);
}

}  // namespace
}  // namespace grayling
