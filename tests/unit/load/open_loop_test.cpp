#include <gmock/gmock.h>

#include <atomic>
#include <map>

#include "absl/synchronization/notification.h"
#include "daemon/load/built_in_generator.h"
#include "tests/unit/load/application.h"

namespace grayling {
namespace {

LoadSettings OpenLoop(const std::string& url, double rate) {
  LoadSettings settings;
  settings.base_url = url;
  settings.model = LoadModel::kOpen;
  settings.rate = rate;
  settings.arrivals = ArrivalKind::kConstant;
  settings.ramp_up = absl::ZeroDuration();
  return settings;
}

TEST(OpenLoopTest, SendsAtItsRateAndOffersWhatItSends) {
  Application application;
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  ASSERT_TRUE(generator.Start(OpenLoop(application.url(), 200)).ok());
  EXPECT_TRUE(application.WaitForRequests(100));
  ASSERT_TRUE(generator.Stop().ok());
  const LoadStatistics statistics = generator.Statistics();
  EXPECT_EQ(statistics.errors, 0u);
  EXPECT_EQ(statistics.requests, static_cast<uint64_t>(application.requests()));
  EXPECT_EQ(statistics.sent, statistics.requests);
  EXPECT_EQ(statistics.offered, statistics.sent);
  EXPECT_EQ(statistics.late, 0u);
}

// A closed loop of one user would call this application fast: it would see the one slow answer, and
// send nothing meanwhile (coordinated omission).
TEST(OpenLoopTest, CountsLatencyFromTheInstantAtWhichARequestShouldHaveStarted) {
  std::atomic<bool> stalled = false;
  Application application([&](const auto&, auto&) {
    if (!stalled.exchange(true)) absl::SleepFor(absl::Milliseconds(600));
  });
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  LoadSettings settings = OpenLoop(application.url(), 50);
  settings.most_in_flight = 1;
  ASSERT_TRUE(generator.Start(settings).ok());
  EXPECT_TRUE(application.WaitForRequests(40));
  ASSERT_TRUE(generator.Stop().ok());
  EXPECT_GE(generator.Statistics().late, 20u);
  // Some thirty requests were due during the stall, and waited 300 ms on the average.
  const LatencyHistogram latencies = generator.Latencies();
  EXPECT_GE(latencies.Quantile(0.5), absl::Milliseconds(100));
}

TEST(OpenLoopTest, ARequestThatFindsNoConnectionInTimeIsAnErrorThatTookTheTimeOut) {
  absl::Notification release;
  Application application(
      [&](const auto&, auto&) { release.WaitForNotificationWithTimeout(kPatience); });
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  LoadSettings settings = OpenLoop(application.url(), 100);
  settings.most_in_flight = 1;
  settings.request_timeout = absl::Milliseconds(200);
  ASSERT_TRUE(generator.Start(settings).ok());
  while (generator.Statistics().errors < 10) absl::SleepFor(absl::Milliseconds(5));
  release.Notify();
  ASSERT_TRUE(generator.Stop().ok());
  const LoadStatistics statistics = generator.Statistics();
  EXPECT_GT(statistics.offered, statistics.sent);
  EXPECT_GE(statistics.mean_ms, 150);
}

TEST(OpenLoopTest, AnOwnMixIsSentAsItIsWrittenAndReportedByItsNames) {
  absl::Mutex mutex;
  std::map<std::string, int> seen;
  Application application([&](const httplib::Request& in, httplib::Response&) {
    absl::MutexLock lock(&mutex);
    ++seen[in.method + " " + in.path + " " + in.body];
  });
  SystemClock clock;
  absl::Notification reported;
  BuiltInGenerator generator(clock, [&](absl::Time, absl::Span<const LoadSample> samples) {
    for (const auto& [series, value] : samples) {
      if (series == "client_route_requests_per_second{route=\"order\"}" &&
          !reported.HasBeenNotified()) {
        reported.Notify();
      }
    }
  });
  LoadSettings settings = OpenLoop(application.url(), 100);
  settings.own_mix.requests = {
      {"item", HttpMethod::kGet, "/items/{item}", "", 1, 200, ""},
      {"order", HttpMethod::kPost, "/orders", R"({"item":{item}})", 1, 201, ""}};
  settings.own_mix.ids = {{"item", 7, 7}};
  ASSERT_TRUE(generator.Start(settings).ok());
  EXPECT_TRUE(reported.WaitForNotificationWithTimeout(kPatience));
  ASSERT_TRUE(generator.Stop().ok());
  EXPECT_EQ(generator.Statistics().errors, 0u);
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_GT(seen["GET /items/7 "], 0);
  EXPECT_GT(seen[R"(POST /orders {"item":7})"], 0);
}

}  // namespace
}  // namespace grayling
