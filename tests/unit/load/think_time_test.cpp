#include "daemon/load/think_time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace grayling {
namespace {

struct Moments {
  double mean_ms = 0;
  double deviation_ms = 0;
  double least_ms = 0;
};

Moments DrawMany(const LoadSettings& settings) {
  constexpr int kDraws = 200'000;
  ThinkTime think(settings);
  std::mt19937_64 random(7);
  double sum = 0;
  double squares = 0;
  double least = 1e9;
  for (int i = 0; i < kDraws; ++i) {
    const double ms = absl::ToDoubleMilliseconds(think.Draw(random));
    sum += ms;
    squares += ms * ms;
    least = std::min(least, ms);
  }
  const double mean = sum / kDraws;
  return {mean, std::sqrt(squares / kDraws - mean * mean), least};
}

LoadSettings Settings(ThinkTimeKind kind, double mean_ms, double deviation_ms) {
  LoadSettings settings;
  settings.think_time_kind = kind;
  settings.think_time_mean = absl::Milliseconds(mean_ms);
  settings.think_time_deviation = absl::Milliseconds(deviation_ms);
  return settings;
}

TEST(ThinkTimeTest, EachDistributionHasItsMeanAndDeviation) {
  struct Case {
    ThinkTimeKind kind;
    double deviation_ms;  // that comes out for a mean of 300 and a deviation of 100 asked for
  };
  for (const Case& one : {Case{ThinkTimeKind::kGaussian, 100}, Case{ThinkTimeKind::kUniform, 100},
                          Case{ThinkTimeKind::kConstant, 0},
                          Case{ThinkTimeKind::kExponential, 300}}) {
    SCOPED_TRACE(static_cast<int>(one.kind));
    const Moments drawn = DrawMany(Settings(one.kind, 300, 100));
    EXPECT_NEAR(drawn.mean_ms, 300, 3);
    EXPECT_NEAR(drawn.deviation_ms, one.deviation_ms, 3);
    EXPECT_GE(drawn.least_ms, 0);
  }
}

TEST(ThinkTimeTest, MeanThinkTimeIsTheMeanOfWhatIsDrawnAlsoWhereTheCutBites) {
  for (const ThinkTimeKind kind : {ThinkTimeKind::kGaussian, ThinkTimeKind::kUniform,
                                   ThinkTimeKind::kConstant, ThinkTimeKind::kExponential}) {
    for (const double deviation_ms : {0.0, 50.0, 200.0, 800.0}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(kind)) + " " + std::to_string(deviation_ms));
      const LoadSettings settings = Settings(kind, 200, deviation_ms);
      const double expected = absl::ToDoubleMilliseconds(MeanThinkTime(settings));
      EXPECT_NEAR(DrawMany(settings).mean_ms, expected, 0.02 * expected);
    }
  }
}

}  // namespace
}  // namespace grayling
