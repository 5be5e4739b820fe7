#include "daemon/load/load_meter.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>

#include "daemon/load/petclinic_behaviour.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::DoubleNear;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

constexpr size_t kGetOwner = static_cast<size_t>(PetclinicRoute::kGetOwner);
constexpr size_t kListVets = static_cast<size_t>(PetclinicRoute::kListVets);

RequestOutcome Answer(size_t route, absl::Duration latency) {
  return RequestOutcome{.route = route, .error = false, .latency = latency};
}

std::map<std::string, double> EndSecond(LoadMeter& meter,
                                        absl::Duration elapsed = absl::Seconds(1)) {
  const std::vector<LoadSample> samples = meter.EndSecond(elapsed, 5);
  return {samples.begin(), samples.end()};
}

TEST(LoadMeterTest, ReportsRateLatencyAndErrorsOfTheSecond) {
  LoadMeter meter(PetclinicMix("petclinic")->routes);
  for (int i = 1; i <= 100; ++i) meter.Count(Answer(kGetOwner, absl::Microseconds(i)));
  meter.Count({.route = kListVets, .error = true, .latency = absl::Microseconds(200)});
  const auto report = EndSecond(meter, absl::Milliseconds(500));
  EXPECT_THAT(report, Contains(Pair("client_requests_total", 101)));
  EXPECT_THAT(report, Contains(Pair("client_errors_total", 1)));
  EXPECT_THAT(report, Contains(Pair("client_requests_per_second", 202)));
  EXPECT_THAT(report, Contains(Pair("client_users", 5)));
  EXPECT_THAT(report,
              Contains(Pair("client_latency_seconds{quantile=\"0.5\"}", DoubleNear(51e-6, 1e-12))));
  EXPECT_THAT(report,
              Contains(Pair("client_latency_seconds{quantile=\"0.95\"}", DoubleNear(96e-6, 1e-9))));
  EXPECT_THAT(report, Contains(Pair("client_latency_seconds_mean",
                                    DoubleNear((5050 + 200) / 101.0 * 1e-6, 1e-9))));
}

TEST(LoadMeterTest, KeepsMeanLatencyAndBytesOfTheWholeLoad) {
  LoadMeter meter(PetclinicMix("petclinic")->routes);
  EXPECT_TRUE(std::isnan(meter.Statistics().mean_ms));
  meter.Count({kGetOwner, false, absl::Milliseconds(10), 2000});
  EndSecond(meter);
  meter.Count({kListVets, false, absl::Milliseconds(20), 1000});
  meter.Count({kListVets, true, std::nullopt, 0});
  EXPECT_NEAR(meter.Statistics().mean_ms, 15, 1e-9);
  EXPECT_EQ(meter.Statistics().answers, 2u);
  EXPECT_EQ(meter.Statistics().response_bytes, 3000u);
}

TEST(LoadMeterTest, KeepsTheMeanOfEachRouteApart) {
  LoadMeter meter(PetclinicMix("petclinic")->routes);
  meter.Count(Answer(kGetOwner, absl::Milliseconds(10)));
  meter.Count(Answer(kGetOwner, absl::Milliseconds(30)));
  meter.Count(Answer(kListVets, absl::Milliseconds(2)));
  const auto report = EndSecond(meter);
  EXPECT_THAT(report, Contains(Pair("client_route_latency_seconds_mean{route=\"get_owner\"}",
                                    DoubleNear(0.020, 1e-9))));
  EXPECT_THAT(report, Contains(Pair("client_route_latency_seconds_mean{route=\"list_vets\"}",
                                    DoubleNear(0.002, 1e-9))));
  EXPECT_THAT(report,
              Not(Contains(Key("client_route_latency_seconds_mean{route=\"create_pet\"}"))));
}

TEST(LoadMeterTest, LeavesLatencyOutInASecondWithoutAnswers) {
  LoadMeter meter(PetclinicMix("petclinic")->routes);
  meter.Count(Answer(kGetOwner, absl::Milliseconds(10)));
  EndSecond(meter);
  const auto silent = EndSecond(meter);
  EXPECT_THAT(silent, Contains(Pair("client_requests_total", 1)));
  EXPECT_THAT(silent, Contains(Pair("client_requests_per_second", 0)));
  EXPECT_THAT(silent, Not(Contains(Key("client_latency_seconds_mean"))));
  EXPECT_THAT(silent, Not(Contains(Key("client_latency_seconds{quantile=\"0.5\"}"))));
  EXPECT_TRUE(std::isnan(meter.Statistics().p50_ms));
}

TEST(LoadMeterTest, DoesNotTakeARefusalForAFastAnswer) {
  LoadMeter meter(PetclinicMix("petclinic")->routes);
  meter.Count({.route = kGetOwner, .error = true, .latency = std::nullopt});
  const auto report = EndSecond(meter);
  EXPECT_THAT(report, Contains(Pair("client_errors_total", 1)));
  EXPECT_THAT(report, Not(Contains(Key("client_latency_seconds_mean"))));
}

}  // namespace
}  // namespace grayling
