#include "daemon/calibration/calibrations.h"

#include <gmock/gmock.h>

#include "tests/unit/calibration/calibration_fixture.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

class CalibrationsTest : public CalibrationTest {
 protected:
  v1::Calibration Ended(const std::string& name) {
    while (calibrations_.Running().has_value()) absl::SleepFor(absl::Milliseconds(1));
    return *calibrations_.Get(name);
  }
  v1::FaultSpec Spec() {
    v1::FaultSpec spec;
    spec.set_kind("network.delay");
    spec.set_vm("vms/lab");
    spec.set_service("visits-service");
    return spec;
  }

  RecordStore records_{*database_, "calibrations"};
  Calibrations calibrations_{rooms_, records_};
};

TEST_F(CalibrationsTest, WhatWasFoundIsTheGrayIntensityOfPlans) {
  const auto started = calibrations_.Start(Request({20}), Spec());
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_EQ(started->state(), "running");
  EXPECT_EQ(Ended(started->name()).state(), "done");
  const auto intensity =
      calibrations_.IntensityFor("vms/lab", "network.delay", "visits-service", 20);
  ASSERT_TRUE(intensity.ok()) << intensity.status();
  EXPECT_NEAR(LossAt(*intensity), 20, 5);
}

TEST_F(CalibrationsTest, WhatWasNotCalibratedNamesTheCommandThatWould) {
  const absl::Status status =
      calibrations_.IntensityFor("vms/lab", "cpu.load", "vets-service", 20).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("grayling fault calibrate cpu.load --vm vms/lab --service vets-service "
                        "--target 20"));
}

TEST_F(CalibrationsTest, BadRequestsStartNothing) {
  CalibrationRequest with_intensity = Request({20});
  with_intensity.fault.parameters["delay_ms"] = 40;
  CalibrationRequest on_or_off = Request({20});
  on_or_off.fault.kind = "network.partition";
  CalibrationRequest unknown = Request({20});
  unknown.fault.kind = "network.dealy";
  for (const CalibrationRequest& bad :
       {with_intensity, on_or_off, unknown, Request({0.0}), Request({95})}) {
    EXPECT_TRUE(absl::IsInvalidArgument(calibrations_.Start(bad, Spec()).status()))
        << bad.fault.kind << " " << bad.targets_percent.size();
  }
  load_.is_running = false;
  EXPECT_TRUE(absl::IsFailedPrecondition(calibrations_.Start(Request({20}), Spec()).status()));
  EXPECT_TRUE(calibrations_.List()->empty());
}

TEST_F(CalibrationsTest, WhatAKilledDaemonLeftRunningIsMarkedFailed) {
  v1::Calibration left;
  left.set_name("calibrations/1");
  left.set_state("running");
  ASSERT_TRUE(records_.Put(left.name(), left.SerializeAsString(), clock_.Now()).ok());
  ASSERT_TRUE(calibrations_.FailInterrupted().ok());
  EXPECT_EQ(calibrations_.Get("calibrations/1")->state(), "failed: the daemon stopped during it");
}

}  // namespace
}  // namespace grayling
