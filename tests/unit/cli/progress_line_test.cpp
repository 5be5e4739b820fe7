#include "client/cli/progress_line.h"

#include <gmock/gmock.h>

#include <sstream>

#include "client/cli/follow_campaign.h"

namespace grayling {
namespace {

TEST(ProgressLineTest, DrawsABarWhereTheEndIsKnown) {
  EXPECT_EQ(RenderProgress({.text = "window 1/2", .fraction = 0.4}, absl::Seconds(83), 0),
            "01:23  [########            ]  40%  window 1/2");
}

TEST(ProgressLineTest, DrawsAFullBarWhenLate) {
  EXPECT_EQ(RenderProgress({.text = "x", .fraction = 1.7}, absl::Minutes(100), 0),
            "100:00  [####################]  100%  x");
}

TEST(ProgressLineTest, TurnsASpinnerWhereTheEndIsUnknown) {
  EXPECT_EQ(RenderProgress({.text = "booting", .fraction = std::nullopt}, absl::Seconds(5), 1),
            "00:05  /  booting");
}

TEST(ProgressLineTest, LeavesNothingButWhatWasSaidWhenThereIsNoTerminal) {
  std::ostringstream err;
  {
    ProgressLine progress(err, false);
    progress.SetText("short work");
    progress.Say("started campaigns/1");
  }
  EXPECT_EQ(err.str(), "started campaigns/1\n");
}

TEST(ProgressLineTest, NamesTheActiveFaultsOfACampaign) {
  v1::Campaign campaign;
  campaign.set_phase("during");
  v1::FaultWindow* past = campaign.add_windows();
  past->mutable_start_time()->set_seconds(1);
  past->set_outcome("done");
  v1::FaultWindow* now = campaign.add_windows();
  now->set_outcome("active");
  now->mutable_spec()->set_kind("network.delay");
  now->mutable_spec()->set_service("visits-service");
  campaign.add_windows()->set_outcome("planned");
  EXPECT_EQ(DescribeProgress(campaign), "window 2/3  during  network.delay on visits-service");
}

}  // namespace
}  // namespace grayling
