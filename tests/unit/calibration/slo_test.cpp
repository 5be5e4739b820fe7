#include "daemon/calibration/slo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace grayling {
namespace {

using ::testing::HasSubstr;

TEST(Slo, LimitsAreReadInMillisecondsAndPercent) {
  const absl::StatusOr<Slo> slo = ParseSlo("p95<=0.2s, errors<=1%");
  ASSERT_TRUE(slo.ok()) << slo.status();
  ASSERT_EQ(slo->limits.size(), 2u);
  EXPECT_EQ(slo->limits[0].quantity, "p95");
  EXPECT_DOUBLE_EQ(slo->limits[0].limit, 200);
  EXPECT_DOUBLE_EQ(slo->limits[1].limit, 1);
}

TEST(Slo, WhatIsNoLimitIsNamedWithAnExample) {
  for (const char* bad : {"", "p95", "p95<200ms", "p95<=200", "p90<=2ms", "errors<=1", "p95<=-1ms",
                          "p95<=200ms,,errors<=1%"}) {
    const absl::Status status = ParseSlo(bad).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << bad;
    EXPECT_THAT(std::string(status.message()), HasSubstr("write for example p95<=200ms"));
  }
}

TEST(Slo, ABrokenLimitSaysByHowMuch) {
  const Slo slo = *ParseSlo("p95<=200ms,errors<=1%");
  ClientStretch stretch;
  stretch.p95_ms = 200;
  stretch.error_percent = 1;
  EXPECT_EQ(BrokenLimits(slo, stretch), "");
  stretch.p95_ms = 312.4;
  EXPECT_EQ(BrokenLimits(slo, stretch), "p95 is 312.4 ms, above 200 ms");
  stretch.error_percent = 2;
  EXPECT_EQ(BrokenLimits(slo, stretch), "p95 is 312.4 ms, above 200 ms; errors is 2 %, above 1 %");
}

TEST(Slo, NoAnswerAtAllBreaksALatency) {
  ClientStretch stretch;
  stretch.p95_ms = std::nan("");
  EXPECT_NE(BrokenLimits(*ParseSlo("p95<=200ms"), stretch), "");
}

}  // namespace
}  // namespace grayling
