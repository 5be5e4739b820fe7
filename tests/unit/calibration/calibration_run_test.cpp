#include "daemon/calibration/calibration_run.h"

#include <gmock/gmock.h>

#include <random>

#include "tests/unit/calibration/calibration_fixture.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CalibrationRunTest : public CalibrationTest {
 protected:
  v1::Calibration Executed(std::vector<double> targets) {
    CalibrationRun run(rooms_, Request(std::move(targets)), v1::Calibration(),
                       [this](const v1::Calibration&) { ++saves_; });
    return run.Execute(stop_);
  }
  int saves_ = 0;
};

TEST_F(CalibrationRunTest, EachTargetIsFoundAndHoldsWhenInjectedAfresh) {
  const v1::Calibration calibration = Executed({5, 20, 50});
  EXPECT_EQ(calibration.state(), "done");
  ASSERT_EQ(calibration.targets_size(), 3);
  for (const v1::CalibratedTarget& target : calibration.targets()) {
    EXPECT_TRUE(target.found()) << target.reason();
    EXPECT_NEAR(LossAt(target.intensity()), target.target_percent(), 5);
    EXPECT_NEAR(target.verified().degradation_percent(), target.target_percent(), 3.5);
    EXPECT_LE(target.intensity_low(), target.intensity());
    EXPECT_GE(target.intensity_high(), target.intensity());
    EXPECT_NEAR(target.intensity(), (target.intensity_low() + target.intensity_high()) / 2, 1e-9);
  }
  EXPECT_TRUE(calibration.has_gray_zone());
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
  EXPECT_GT(saves_, calibration.points_size());
}

TEST_F(CalibrationRunTest, NoiseOfTheClientsIsSurvived) {
  std::mt19937_64 random(7);
  noise_ = [&random] { return 2.0 * (static_cast<double>(random() % 1000) / 500 - 1); };
  const v1::Calibration calibration = Executed({20});
  ASSERT_TRUE(calibration.targets(0).found()) << calibration.targets(0).reason();
  EXPECT_NEAR(LossAt(calibration.targets(0).intensity()), 20, 5);
}

TEST_F(CalibrationRunTest, TheZoneEndsWhereTheObserverComplains) {
  red_from_ms_ = 60;
  const v1::Calibration calibration = Executed({10, 50});
  EXPECT_TRUE(calibration.has_gray_zone());
  EXPECT_LT(calibration.zone_high(), 60);
  EXPECT_GE(LossAt(calibration.zone_low()), 10 - 5);
  EXPECT_TRUE(calibration.targets(0).found());
  EXPECT_FALSE(calibration.targets(1).found());
  EXPECT_THAT(calibration.targets(1).reason(), HasSubstr("the health endpoint is silent"));
}

TEST_F(CalibrationRunTest, AFaultWhoseObserverIsAsQuickAsTheClientsHasNoGrayZone) {
  red_from_ms_ = 2;
  const v1::Calibration calibration = Executed({10});
  EXPECT_FALSE(calibration.has_gray_zone());
  EXPECT_THAT(calibration.zone_reason(), HasSubstr("complains before clients suffer"));
}

TEST_F(CalibrationRunTest, AFaultThatClientsNeverFeelHasNoGrayZone) {
  most_loss_ = 3;
  const v1::Calibration calibration = Executed({10});
  EXPECT_EQ(calibration.state(), "done");
  EXPECT_FALSE(calibration.has_gray_zone());
  EXPECT_THAT(calibration.zone_reason(), HasSubstr("clients lose at most 3"));
  EXPECT_FALSE(calibration.targets(0).found());
}

TEST_F(CalibrationRunTest, ALoadThatEndsFailsItAndLeavesNoFault) {
  int questions = 0;
  noise_ = [&] {
    if (++questions > 60) load_.is_running = false;
    return 0.0;
  };
  const v1::Calibration calibration = Executed({20});
  EXPECT_THAT(calibration.state(), HasSubstr("failed: the load ended meanwhile"));
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(CalibrationRunTest, AStopEndsItWithItsFaultReverted) {
  guest_.OnApply([this](const auto&) {
    if (!stop_.HasBeenNotified()) stop_.Notify();
  });
  const v1::Calibration calibration = Executed({20});
  EXPECT_EQ(calibration.state(), "stopped");
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(CalibrationRunTest, AnSloThatIsBrokenWithoutAFaultIsRefused) {
  CalibrationRequest request = Request({20});
  request.slo = *ParseSlo("p95<=200ms");  // nothing is ever answered in this load's histogram
  const v1::Calibration calibration =
      CalibrationRun(rooms_, request, v1::Calibration(), [](const auto&) {}).Execute(stop_);
  EXPECT_THAT(calibration.state(), HasSubstr("the SLO is broken without any fault"));
}

}  // namespace
}  // namespace grayling
