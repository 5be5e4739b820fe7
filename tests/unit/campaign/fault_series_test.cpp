#include "daemon/campaign/fault_series.h"

#include <gmock/gmock.h>
#include <httplib.h>

#include "tests/unit/fault/faults_fixture.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FaultSeriesTest : public FaultsTest {
 protected:
  static void SetUpTestSuite() {
    auto opened = DaemonExporter::Open("127.0.0.1:0", "1.2.3");
    ASSERT_TRUE(opened.ok()) << opened.status();
    exporter_ = *std::move(opened);
  }
  static void TearDownTestSuite() { exporter_.reset(); }

  std::string Page() {
    httplib::Client client("127.0.0.1", exporter_->port());
    const auto answer = client.Get("/metrics");
    EXPECT_TRUE(answer);
    return answer ? answer->body : "";
  }
  // Of the last batch; NaN when the series is not in it.
  double Stored(const std::string& series) {
    double value = std::nan("");
    int64_t last = -1;
    EXPECT_TRUE(store_
                    .Scan(absl::UnixEpoch(), absl::InfiniteFuture(),
                          [&](const SampleBatch& batch) {
                            if (batch.time_ms <= last) return absl::OkStatus();
                            last = batch.time_ms;
                            value = std::nan("");
                            for (size_t i = 0; i < batch.series.size(); ++i) {
                              if (*store_.Text(batch.series[i]) == series) value = batch.values[i];
                            }
                            return absl::OkStatus();
                          })
                    .ok());
    return value;
  }

  static inline std::unique_ptr<DaemonExporter> exporter_;
  MemorySampleStore store_;
  FaultSeries series_{*faults_, store_, {}, *exporter_, clock_};
};

constexpr char kActive[] =
    R"(grayling_fault_active{campaign="campaigns/1",kind="network.delay",service="visits-service"})";
constexpr char kIntensity[] =
    R"(grayling_fault_intensity{campaign="campaigns/1",kind="network.delay",service="visits-service"})";

TEST_F(FaultSeriesTest, TheIntensityFollowsTheShapeOnceASecond) {
  FaultRequest request = Delay();
  request.campaign = "campaigns/1";
  FaultRecord fault = Injected(request);
  FaultShape ramp;
  ramp.kind = "ramp";
  fault.shape = ShapeText(ramp);  // 40 ms after 12 s
  ASSERT_TRUE(journal_.Put(fault).ok());
  for (const int second : {0, 3, 3}) {
    clock_.Advance(absl::Seconds(second));
    series_.Record();
  }
  EXPECT_EQ(Stored(kActive), 1);
  EXPECT_DOUBLE_EQ(Stored(kIntensity), 20);
  EXPECT_THAT(Page(), HasSubstr(std::string(kIntensity) + " 20\n"));

  ASSERT_TRUE(faults_->Revert(fault.name).ok());
  clock_.Advance(absl::Seconds(1));
  series_.Record();
  EXPECT_EQ(Stored(kActive), 0) << "its end is written once";
  EXPECT_TRUE(std::isnan(Stored(kIntensity)));
  EXPECT_THAT(Page(), HasSubstr(std::string(kActive) + " 0\n"));
  clock_.Advance(absl::Seconds(1));
  series_.Record();
  EXPECT_THAT(Page(), Not(HasSubstr("kind=")));
}

TEST_F(FaultSeriesTest, AFaultByHandHasNoCampaign) {
  Injected(Delay());
  series_.Record();
  EXPECT_EQ(Stored(R"(grayling_fault_active{kind="network.delay",service="visits-service"})"), 1);
}

TEST_F(FaultSeriesTest, AFaultWhoseOwnTimerHasEndedItActsNoMore) {
  const FaultRecord fault = Injected(Delay());
  EXPECT_TRUE(FaultNow(fault, fault.verified + absl::Seconds(11.9)).acts);
  EXPECT_FALSE(FaultNow(fault, fault.verified + absl::Seconds(12)).acts);
}

TEST_F(FaultSeriesTest, OneThatIsNotVerifiedYetDoesNotActAndAPulseRests) {
  FaultRecord fault;
  fault.kind = "network.delay";
  fault.parameters = {{"delay_ms", 40}};
  fault.duration = absl::Seconds(60);
  fault.shape = ShapeText({"pulse", 0, 4, 10, 0.5, 1});
  fault.state = FaultState::kArmed;
  EXPECT_FALSE(FaultNow(fault, clock_.Now()).acts);
  fault.state = FaultState::kVerified;
  fault.verified = clock_.Now();
  EXPECT_EQ(FaultNow(fault, clock_.Now() + absl::Seconds(1)).intensity, 40);
  EXPECT_EQ(FaultNow(fault, clock_.Now() + absl::Seconds(6)).intensity, 0);
}

}  // namespace
}  // namespace grayling
