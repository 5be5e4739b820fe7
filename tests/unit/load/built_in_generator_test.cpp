#include "daemon/load/built_in_generator.h"

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "absl/synchronization/notification.h"
#include "tests/unit/load/application.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

LoadSettings Settings(const std::string& url, uint32_t users) {
  LoadSettings settings;
  settings.base_url = url;
  settings.users = users;
  settings.think_time_mean = absl::Milliseconds(2);
  settings.think_time_deviation = absl::Milliseconds(1);
  settings.ramp_up = absl::ZeroDuration();
  return settings;
}

// Keeps the first report that came.
class FirstReport {
 public:
  LoadReport Callback() {
    return [this](absl::Time time, absl::Span<const LoadSample> samples) {
      if (ready_.HasBeenNotified()) return;
      time_ = time;
      samples_ = {samples.begin(), samples.end()};
      ready_.Notify();
    };
  }
  std::map<std::string, double> Wait() {
    EXPECT_TRUE(ready_.WaitForNotificationWithTimeout(kPatience));
    return samples_;
  }
  absl::Time time() const { return time_; }

 private:
  absl::Notification ready_;
  absl::Time time_;
  std::map<std::string, double> samples_;
};

TEST(BuiltInGeneratorTest, HasAsManyRequestsInFlightAsUsersAndNeverMore) {
  constexpr int kUsers = 6;
  absl::Mutex mutex;
  int in_flight = 0;
  int most = 0;
  bool all_met = false;
  Application application([&](const auto&, auto&) {
    absl::MutexLock lock(&mutex);
    most = std::max(most, ++in_flight);
    all_met |= in_flight == kUsers;
    // The first answers are held back until every user waits for one.
    mutex.AwaitWithTimeout(absl::Condition(&all_met), kPatience);
    --in_flight;
  });
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  ASSERT_TRUE(generator.Start(Settings(application.url(), kUsers)).ok());
  EXPECT_TRUE(application.WaitForRequests(60));
  ASSERT_TRUE(generator.Stop().ok());
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(most, kUsers);
}

TEST(BuiltInGeneratorTest, KeepsOneConnectionPerUser) {
  Application application;
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  ASSERT_TRUE(generator.Start(Settings(application.url(), 3)).ok());
  EXPECT_TRUE(application.WaitForRequests(60));
  ASSERT_TRUE(generator.Stop().ok());
  EXPECT_LE(application.connections(), 3);
}

TEST(BuiltInGeneratorTest, CountsEveryRequestAndEveryUnexpectedStatus) {
  std::atomic<int> failed = 0;
  Application application([&](const httplib::Request& in, httplib::Response& out) {
    if (in.path != "/api/vet/vets") return;
    out.status = 503;
    ++failed;
  });
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  ASSERT_TRUE(generator.Start(Settings(application.url(), 4)).ok());
  EXPECT_TRUE(application.WaitForRequests(100));
  ASSERT_TRUE(generator.Stop().ok());
  const LoadStatistics statistics = generator.Statistics();
  EXPECT_FALSE(statistics.running);
  EXPECT_EQ(statistics.requests, application.requests());
  EXPECT_EQ(statistics.errors, failed);
  EXPECT_GT(statistics.errors, 0);
}

TEST(BuiltInGeneratorTest, ReportsEachSecondAtItsEnd) {
  Application application;
  SystemClock clock;
  FirstReport report;
  BuiltInGenerator generator(clock, report.Callback());
  const absl::Time start = clock.Now();
  ASSERT_TRUE(generator.Start(Settings(application.url(), 2)).ok());
  const auto samples = report.Wait();
  ASSERT_TRUE(generator.Stop().ok());
  EXPECT_EQ(absl::ToUnixMillis(report.time()) % 1000, 0);
  EXPECT_GT(report.time(), start);
  EXPECT_THAT(samples, Contains(Pair("client_users", 2)));
  EXPECT_THAT(samples, Contains(Key("client_requests_per_second")));
}

TEST(BuiltInGeneratorTest, CountsATimeOutAsAnErrorThatTookThatLong) {
  absl::Notification release;
  Application application(
      [&](const auto&, auto&) { release.WaitForNotificationWithTimeout(kPatience); });
  SystemClock clock;
  absl::Notification timed_out;
  double mean = 0;
  BuiltInGenerator generator(clock, [&](absl::Time, absl::Span<const LoadSample> samples) {
    for (const auto& [series, value] : samples) {
      if (series != "client_latency_seconds_mean" || timed_out.HasBeenNotified()) continue;
      mean = value;
      timed_out.Notify();
    }
  });
  LoadSettings settings = Settings(application.url(), 1);
  settings.request_timeout = absl::Milliseconds(100);
  ASSERT_TRUE(generator.Start(settings).ok());
  EXPECT_TRUE(timed_out.WaitForNotificationWithTimeout(kPatience));
  release.Notify();
  ASSERT_TRUE(generator.Stop().ok());
  EXPECT_GE(mean, 0.1);
  EXPECT_GE(generator.Statistics().errors, 1);
}

TEST(BuiltInGeneratorTest, CountsARefusalAsAnErrorWithoutLatency) {
  const std::string nobody = [] { return Application().url(); }();
  SystemClock clock;
  FirstReport report;
  BuiltInGenerator generator(clock, report.Callback());
  ASSERT_TRUE(generator.Start(Settings(nobody, 1)).ok());
  const auto samples = report.Wait();
  ASSERT_TRUE(generator.Stop().ok());
  const LoadStatistics statistics = generator.Statistics();
  EXPECT_GT(statistics.errors, 0);
  EXPECT_EQ(statistics.errors, statistics.requests);
  EXPECT_THAT(samples, Not(Contains(Key("client_latency_seconds_mean"))));
}

TEST(BuiltInGeneratorTest, LetsRequestsInFlightEndWhenItStops) {
  absl::Notification arrived;
  absl::Notification release;
  Application application([&](const auto&, auto&) {
    if (!arrived.HasBeenNotified()) arrived.Notify();
    release.WaitForNotificationWithTimeout(kPatience);
  });
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  ASSERT_TRUE(generator.Start(Settings(application.url(), 1)).ok());
  ASSERT_TRUE(arrived.WaitForNotificationWithTimeout(kPatience));
  std::thread stopper([&] { generator.Stop().IgnoreError(); });
  release.Notify();
  stopper.join();
  const LoadStatistics statistics = generator.Statistics();
  EXPECT_GE(statistics.requests, 1);
  EXPECT_EQ(statistics.errors, 0);
  EXPECT_EQ(statistics.requests, application.requests());
}

TEST(BuiltInGeneratorTest, CutsOffWhatHangsTwoSecondsAfterAStop) {
  absl::Notification arrived;
  absl::Notification release;
  Application application([&](const auto&, auto&) {
    if (!arrived.HasBeenNotified()) arrived.Notify();
    release.WaitForNotificationWithTimeout(kPatience);
  });
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  ASSERT_TRUE(generator.Start(Settings(application.url(), 1)).ok());
  ASSERT_TRUE(arrived.WaitForNotificationWithTimeout(kPatience));
  const absl::Time asked = clock.Now();
  ASSERT_TRUE(generator.Stop().ok());
  const absl::Duration took = clock.Now() - asked;
  release.Notify();
  EXPECT_THAT(took, AllOf(Ge(absl::Milliseconds(1900)), testing::Lt(absl::Seconds(6))));
}

TEST(BuiltInGeneratorTest, RunsOneLoadAtATimeAndStartsAnewAfterAStop) {
  Application application;
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  EXPECT_TRUE(generator.Stop().ok());
  ASSERT_TRUE(generator.Start(Settings(application.url(), 1)).ok());
  EXPECT_TRUE(generator.Statistics().running);
  EXPECT_EQ(generator.Start(Settings(application.url(), 1)).code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(generator.Stop().ok());
  ASSERT_TRUE(generator.Start(Settings(application.url(), 2)).ok());
  EXPECT_EQ(generator.Settings().users, 2);
}

TEST(BuiltInGeneratorTest, SaysWhatIsWrongWithBadSettings) {
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  const std::string url = "http://127.0.0.1:1";
  EXPECT_THAT(generator.Start(Settings("127.0.0.1:8080", 1)).message(), HasSubstr("HTTP address"));
  EXPECT_THAT(generator.Start(Settings(url + "/", 1)).message(), HasSubstr("slash"));
  EXPECT_THAT(generator.Start(Settings(url, 0)).message(), HasSubstr("between 1 and 2000"));
  LoadSettings mix = Settings(url, 1);
  mix.mix = "sockshop";
  EXPECT_EQ(generator.Start(mix).code(), absl::StatusCode::kInvalidArgument);
  LoadSettings think = Settings(url, 1);
  think.think_time_mean = -absl::Seconds(1);
  EXPECT_EQ(generator.Start(think).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(generator.Statistics().running);
}

}  // namespace
}  // namespace grayling
