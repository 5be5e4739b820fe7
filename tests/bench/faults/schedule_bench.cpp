// Lateness of a campaign's schedule over 1,000 windows on a clock that jumps, with a guest whose
// calls cost a random 50 to 400 ms of that clock: shows whether lateness adds up.

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

#include "base/proto_time.h"
#include "tests/unit/campaign/campaigns_fixture.h"

namespace grayling {
namespace {

class Schedule final : public CampaignsTest {
 public:
  void TestBody() override {}

  std::vector<double> LatenessMilliseconds(int windows) {
    std::mt19937_64 random(1);
    guest_.OnApply([this, random](const auto&) mutable {
      clock_.Advance(absl::Milliseconds(50 + static_cast<int64_t>(random() % 350)));
    });
    const v1::Campaign campaign = Executed(
        PlanOf("  - {kind: network.delay, services: [visits-service]}\n", windows));
    std::vector<double> lateness;
    for (const v1::FaultWindow& window : campaign.windows()) {
      lateness.push_back(absl::ToDoubleMilliseconds(FromProto(window.lateness())));
    }
    std::sort(lateness.begin(), lateness.end());
    return lateness;
  }
};

}  // namespace
}  // namespace grayling

int main() {
  constexpr int kWindows = 1000;
  grayling::Schedule schedule;
  const std::vector<double> lateness = schedule.LatenessMilliseconds(kWindows);
  std::printf(
      "[{\"name\": \"schedule lateness of %d windows on a fake clock, p99\", \"unit\": \"ms\", "
      "\"ours\": %.3f},\n {\"name\": \"the same, largest\", \"unit\": \"ms\", \"ours\": %.3f}]\n",
      kWindows, lateness[lateness.size() * 99 / 100], lateness.back());
  return 0;
}
