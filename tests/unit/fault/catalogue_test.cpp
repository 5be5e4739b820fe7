#include "daemon/fault/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {

using ::testing::HasSubstr;

TEST(Catalogue, IsSortedAndEveryDefaultIsInItsRange) {
  const std::vector<FaultKind>& kinds = FaultCatalogue();
  EXPECT_TRUE(std::is_sorted(kinds.begin(), kinds.end(),
                             [](const auto& a, const auto& b) { return a.kind < b.kind; }));
  for (const FaultKind& kind : kinds) {
    ASSERT_FALSE(kind.parameters.empty()) << kind.kind;
    EXPECT_TRUE(CompleteParameters(kind, {}).ok()) << kind.kind;
    for (const FaultParameter& parameter : kind.parameters) {
      EXPECT_TRUE(CompleteParameters(kind, {{parameter.name, parameter.default_value}}).ok());
    }
  }
}

TEST(Catalogue, AnUnknownKindIsRefusedWithTheKindsThatExist) {
  const absl::Status status = FindFaultKind("network.dealy").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("'network.dealy'; the kinds are cpu.load, memory.pressure, network.delay, "
                        "network.loss"));
}

TEST(Catalogue, DefaultsFillInWhatIsNotGiven) {
  const auto complete = CompleteParameters(**FindFaultKind("network.delay"), {{"delay_ms", 70}});
  ASSERT_TRUE(complete.ok());
  EXPECT_EQ(*complete, (std::map<std::string, double>{{"delay_ms", 70}, {"jitter_ms", 0}}));
}

TEST(Catalogue, AnUnknownParameterIsRefusedWithTheKnownOnes) {
  const absl::Status status =
      CompleteParameters(**FindFaultKind("network.delay"), {{"dealy_ms", 70}}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no parameter 'dealy_ms'; it has delay_ms, jitter_ms"));
}

TEST(Catalogue, BothEndsOfARangeAreAllowedAndNothingBeyondThem) {
  const FaultKind& delay = **FindFaultKind("network.delay");
  EXPECT_TRUE(CompleteParameters(delay, {{"delay_ms", 1}}).ok());
  EXPECT_TRUE(CompleteParameters(delay, {{"delay_ms", 2000}}).ok());
  EXPECT_FALSE(CompleteParameters(delay, {{"delay_ms", 0.999}}).ok());
  EXPECT_THAT(std::string(CompleteParameters(delay, {{"delay_ms", 2001}}).status().message()),
              HasSubstr("delay_ms of network.delay is 2001; it must lie between 1 and 2000 ms"));
}

TEST(Catalogue, NotANumberIsOutOfEveryRange) {
  EXPECT_FALSE(CompleteParameters(**FindFaultKind("cpu.load"), {{"percent", std::nan("")}}).ok());
}

}  // namespace
}  // namespace grayling
