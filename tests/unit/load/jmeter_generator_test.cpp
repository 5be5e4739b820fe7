#include "daemon/load/jmeter_generator.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"

// Against a program that behaves as JMeter does to its parent: tests/fake_jmeter. The real one is
// run by tests/contract/jmeter_contract_test.cpp.

namespace grayling {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Pair;

constexpr absl::Duration kPatience = absl::Seconds(20);

class JmeterGeneratorTest : public ::testing::Test {
 protected:
  JmeterGeneratorTest() {
    std::string pattern = (fs::temp_directory_path() / "grayling-jmeter.XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    fs::create_directories(folder_ + "/home/bin");
    std::ofstream(folder_ + "/home/bin/ApacheJMeter.jar");
    place_ = {folder_ + "/home", folder_ + "/runs", GRAYLING_FAKE_JMETER};
  }
  ~JmeterGeneratorTest() override { fs::remove_all(folder_); }

  JmeterGenerator Generator() {
    return JmeterGenerator(place_, clock_,
                           [this](absl::Time, absl::Span<const LoadSample> samples) {
                             absl::MutexLock lock(&mutex_);
                             reported_ = {samples.begin(), samples.end()};
                             ++reports_;
                           });
  }
  LoadSettings Plan(const std::string& text) {
    LoadSettings settings;
    settings.base_url = "http://127.0.0.1:1";
    settings.users = 3;
    settings.jmeter_plan = folder_ + "/plan.jmx";
    std::ofstream(settings.jmeter_plan) << text;
    return settings;
  }
  static bool WaitForEnd(JmeterGenerator& generator) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (generator.Statistics().running && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(10));
    }
    return !generator.Statistics().running;
  }
  std::map<std::string, double> AwaitReports(int count) {
    const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return reports_ >= count; };
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&enough), kPatience);
    return reported_;
  }

  std::string folder_;
  JmeterPlace place_;
  SystemClock clock_;
  absl::Mutex mutex_;
  std::map<std::string, double> reported_ ABSL_GUARDED_BY(mutex_);
  int reports_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_F(JmeterGeneratorTest, ReportsEverySecondWhatTheResultsGained) {
  JmeterGenerator generator = Generator();
  ASSERT_TRUE(generator.Start(Plan("forever")).ok());
  EXPECT_TRUE(generator.Statistics().running);
  EXPECT_GT(generator.Statistics().requests, 0u);
  const auto report = AwaitReports(2);
  EXPECT_THAT(report, Contains(Pair("client_users", 3)));
  EXPECT_THAT(report, Contains(Pair("client_requests_per_second", Ge(1))));
  EXPECT_THAT(report, Contains(Pair("client_latency_seconds{quantile=\"0.5\"}",
                                    ::testing::DoubleNear(0.020, 1e-3))));
  EXPECT_THAT(report, Contains(Key("client_route_latency_seconds_mean{route=\"get_owner\"}")));
  EXPECT_THAT(report, Contains(Key("client_route_latency_seconds_mean{route=\"GET owners\"}")));
  EXPECT_GT(generator.Latencies().count(), 0u);
  EXPECT_TRUE(generator.Stop().ok());
  const LoadStatistics end = generator.Statistics();
  EXPECT_FALSE(end.running);
  EXPECT_EQ(end.failure, "");
  EXPECT_GT(end.errors, 0u);
  EXPECT_EQ(end.answers, end.requests);
}

TEST_F(JmeterGeneratorTest, EndsByItselfWithThePlan) {
  JmeterGenerator generator = Generator();
  ASSERT_TRUE(generator.Start(Plan("rows 40\nexit 0")).ok());
  ASSERT_TRUE(WaitForEnd(generator));
  EXPECT_EQ(generator.Statistics().requests, 40u);
  EXPECT_EQ(generator.Statistics().errors, 4u);
  EXPECT_EQ(generator.Statistics().failure, "");
  EXPECT_EQ(generator.Settings().users, 3u);
}

TEST_F(JmeterGeneratorTest, JudgesByTheResultsNotByTheExitCode) {
  JmeterGenerator generator = Generator();
  const absl::Status silent = generator.Start(Plan("say Error: cannot load it\nexit 0"));
  EXPECT_EQ(silent.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(silent.message()),
              AllOf(HasSubstr("JMeter ended with exit code 0 and without a sample: Error: cannot "
                              "load it; see "),
                    HasSubstr("/runs/")));
  EXPECT_FALSE(generator.Statistics().running);
  EXPECT_EQ(generator.Statistics().failure, silent.message());
  ASSERT_TRUE(generator.Start(Plan("rows 5\nexit 3")).ok());
  ASSERT_TRUE(WaitForEnd(generator));
  EXPECT_EQ(generator.Statistics().requests, 5u);
  EXPECT_EQ(generator.Statistics().failure, "");
}

TEST_F(JmeterGeneratorTest, EndsALoadWhoseResultsAreUnreadable) {
  JmeterGenerator generator = Generator();
  const absl::Status started = generator.Start(Plan("xml\nsleep 60000"));
  EXPECT_EQ(started.message(),
            "the results are XML; set jmeter.save.saveservice.output_format=csv");
  EXPECT_FALSE(generator.Statistics().running);
}

TEST_F(JmeterGeneratorTest, RunsOneLoadAtATime) {
  JmeterGenerator generator = Generator();
  ASSERT_TRUE(generator.Start(Plan("forever")).ok());
  EXPECT_EQ(generator.Start(Plan("forever")).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(generator.Stop().ok());
  ASSERT_TRUE(generator.Stop().ok());
  EXPECT_TRUE(generator.Start(Plan("forever")).ok());
}

TEST_F(JmeterGeneratorTest, CanBeStoppedWhileItWaitsForTheFirstSample) {
  JmeterGenerator generator = Generator();
  absl::Status started;
  std::thread starter([&, settings = Plan("sleep 60000")] { started = generator.Start(settings); });
  while (!generator.Statistics().running) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_TRUE(generator.Stop().ok());
  starter.join();
  EXPECT_EQ(started.code(), absl::StatusCode::kCancelled);
  EXPECT_FALSE(generator.Statistics().running);
}

TEST_F(JmeterGeneratorTest, SaysWhatIsMissing) {
  const LoadSettings settings = Plan("forever");
  const auto complaint = [&](const LoadSettings& load) {
    return std::string(Generator().Start(load).message());
  };
  LoadSettings elsewhere = settings;
  elsewhere.jmeter_plan = "/nowhere/plan.jmx";
  EXPECT_EQ(complaint(elsewhere),
            "JMeter plan '/nowhere/plan.jmx' cannot be read on the daemon's machine");
  place_.java = "/nowhere/java";
  EXPECT_EQ(complaint(settings), "this machine has no program '/nowhere/java'");
  place_.home = "/nowhere";
  EXPECT_EQ(complaint(settings),
            "there is no JMeter in '/nowhere'; fetch it with deploy/petclinic/get-jmeter.sh, or "
            "name its folder with graylingd --jmeter-home");
}

TEST_F(JmeterGeneratorTest, KeepsTheFilesOfTheLastTenRuns) {
  JmeterGenerator generator = Generator();
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(generator.Start(Plan("rows 1")).ok());
    ASSERT_TRUE(WaitForEnd(generator));
  }
  const auto runs = fs::directory_iterator(folder_ + "/runs");
  EXPECT_EQ(std::distance(fs::begin(runs), fs::end(runs)), 10);
}

TEST_F(JmeterGeneratorTest, LeavesNoProcessBehindTheThreadThatStartedIt) {
  std::optional<JmeterProcess> process;
  std::thread([&] {
    auto started = JmeterProcess::Start({"/bin/sleep", "60"}, folder_, folder_ + "/output.txt");
    ASSERT_TRUE(started.ok()) << started.status();
    process.emplace(std::move(started).value());
    EXPECT_FALSE(process->WaitForEnd(absl::ZeroDuration()));
  }).join();
  ASSERT_TRUE(process.has_value());
  ASSERT_TRUE(process->WaitForEnd(kPatience));
  EXPECT_EQ(process->exit_code(), 128 + SIGKILL);
}

}  // namespace
}  // namespace grayling
