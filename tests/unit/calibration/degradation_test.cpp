#include "daemon/calibration/degradation.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "daemon/calibration/degradation_curve.h"

namespace grayling {
namespace {

TEST(Degradation, IsTheShareOfGoodAnswersThatIsLost) {
  const Degradation lost = DegradationOf({100, 100, 100}, {80, 80}, 1);
  EXPECT_DOUBLE_EQ(lost.percent, 20);
  EXPECT_DOUBLE_EQ(lost.low, 20);
  EXPECT_DOUBLE_EQ(lost.high, 20);
  EXPECT_LT(DegradationOf({100}, {110}, 1).percent, 0);
}

TEST(Degradation, TheIntervalHoldsTheEstimateAndWidensWithTheSpread) {
  const Degradation calm = DegradationOf({99, 100, 101, 100}, {79, 80, 81, 80}, 1);
  const Degradation wild = DegradationOf({50, 150, 60, 140}, {20, 140, 30, 130}, 1);
  for (const Degradation& one : {calm, wild}) {
    EXPECT_LE(one.low, one.percent);
    EXPECT_GE(one.high, one.percent);
  }
  EXPECT_GT(wild.high - wild.low, 5 * (calm.high - calm.low));
}

TEST(Degradation, WithoutAnyGoodAnswerBeforeOrDuringAllIsLost) {
  EXPECT_EQ(DegradationOf({0, 0}, {5}, 1).percent, 100);
  EXPECT_EQ(DegradationOf({}, {5}, 1).percent, 100);
  EXPECT_EQ(DegradationOf({5}, {0}, 1).percent, 100);
}

TEST(StrengthScale, EndsAtTheRangesEndsAndFallsWhereLessHurtsMore) {
  const StrengthScale delay(*FindFaultKindOrNull("network.delay"));
  EXPECT_DOUBLE_EQ(delay.IntensityOf(0), 1);
  EXPECT_NEAR(delay.IntensityOf(0.5), 100, 1e-9);
  EXPECT_NEAR(delay.IntensityOf(1), 10000, 1e-6);
  const StrengthScale rate(*FindFaultKindOrNull("network.rate"));
  EXPECT_NEAR(rate.IntensityOf(0), 1e6, 1e-6);
  EXPECT_NEAR(rate.IntensityOf(1), 8, 1e-9);
  const StrengthScale memory(*FindFaultKindOrNull("memory.pressure"));
  EXPECT_DOUBLE_EQ(memory.IntensityOf(0.5), 54.5);  // 10 to 99 is linear
}

TEST(StrengthScale, IsItsOwnInverseForEveryKind) {
  EXPECT_TRUE(rc::check([] {
    const FaultKind& kind = *rc::gen::elementOf(FaultKinds());
    const bool has_intensity = kind.Intensity() != nullptr;
    RC_PRE(has_intensity);
    const double strength = *rc::gen::inRange(0, 1001) / 1000.0;
    const StrengthScale scale(kind);
    RC_ASSERT(std::abs(scale.StrengthOf(scale.IntensityOf(strength)) - strength) < 1e-9);
  }));
}

TEST(DegradationCurve, IsLinearBetweenItsPointsAndKnowsWhatItNeverReaches) {
  DegradationCurve curve;
  curve.Add({0.4, 10});
  curve.Add({0.6, 30});
  EXPECT_DOUBLE_EQ(*curve.StrengthAt(20), 0.5);
  EXPECT_DOUBLE_EQ(*curve.StrengthAt(5), 0.2);  // from nothing at strength 0
  EXPECT_FALSE(curve.StrengthAt(31).has_value());
  EXPECT_DOUBLE_EQ(curve.Highest(), 30);
}

TEST(DegradationCurve, PointsThatDisagreeAreAveraged) {
  DegradationCurve curve;
  curve.Add({0.2, 10});
  curve.Add({0.4, 30});
  curve.Add({0.6, 20});  // more fault, less loss: chance, or the system's own doing
  curve.Add({0.8, 60});
  EXPECT_DOUBLE_EQ(*curve.StrengthAt(25), 0.5);
}

TEST(DegradationCurve, NeverFallsWhateverWasMeasured) {
  EXPECT_TRUE(rc::check([] {
    DegradationCurve curve;
    for (int i = 0; i < 12; ++i) {
      curve.Add({*rc::gen::inRange(0, 11) / 10.0, *rc::gen::inRange(-20, 100) * 1.0});
    }
    std::optional<double> before;
    for (double percent = 1; percent < 100; percent += 1) {
      const std::optional<double> strength = curve.StrengthAt(percent);
      if (!strength.has_value()) break;
      if (before.has_value()) RC_ASSERT(*strength >= *before - 1e-12);
      before = strength;
    }
  }));
}

}  // namespace
}  // namespace grayling
