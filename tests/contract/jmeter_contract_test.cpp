// The real JMeter 5.6.3 on PetClinic's plan against the lab application, all on loopback. Its
// folder is GRAYLING_JMETER_HOME, or one in the build folder that is fetched from Maven Central
// once.

#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "daemon/guest/local_executor.h"
#include "daemon/load/jmeter_generator.h"
#include "daemon/load/jtl_tail.h"
#include "tests/unit/lab/lab_application.h"

namespace grayling::lab {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;

// Java starts in 3 s on an idle machine, and in 40 s on a crowded one.
constexpr absl::Duration kPatience = absl::Seconds(100);
const char kDeploy[] = GRAYLING_SOURCE "/deploy/petclinic";

// JMeter's folder, or why there is none.
absl::StatusOr<std::string> JmeterHome() {
  LocalExecutor executor;
  const auto java = executor.Run({"java", "-version"}, absl::Seconds(20));
  if (!java.ok()) return java.status();
  if (const char* home = std::getenv("GRAYLING_JMETER_HOME"); home != nullptr) return home;
  const std::string home = GRAYLING_JMETER_CACHE;
  const auto fetched =
      executor.Run({absl::StrCat(kDeploy, "/get-jmeter.sh"), home}, absl::Minutes(2));
  if (!fetched.ok()) return fetched.status();
  if (fetched->exit_code != 0) return absl::UnavailableError(fetched->err);
  return home;
}

class RealJmeter : public LabApplication {
 protected:
  void SetUp() override {
    const auto home = JmeterHome();
    if (!home.ok()) GTEST_SKIP() << "no JMeter to run: " << home.status().message();
    LabApplication::SetUp();
    generator_ =
        std::make_unique<JmeterGenerator>(JmeterPlace{*home, folder_.path() + "/runs"}, clock_,
                                          [this](absl::Time, absl::Span<const LoadSample> samples) {
                                            absl::MutexLock lock(&mutex_);
                                            for (const auto& [series, value] : samples)
                                              series_[series] = value;
                                          });
  }

  LoadSettings PetClinic(uint32_t users, absl::Duration think_time) {
    LoadSettings settings;
    settings.base_url = absl::StrCat("http://127.0.0.1:", gateway_->port());
    settings.users = users;
    settings.ramp_up = absl::Seconds(1);
    settings.think_time_mean = think_time;
    settings.think_time_deviation = think_time / 3;
    settings.jmeter_plan = absl::StrCat(kDeploy, "/petclinic.jmx");
    return settings;
  }
  bool WaitForEnd() {
    const absl::Time deadline = absl::Now() + kPatience;
    while (generator_->Statistics().running && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(50));
    }
    return !generator_->Statistics().running;
  }
  std::string OnlyRun() { return fs::directory_iterator(folder_.path() + "/runs")->path(); }

  SystemClock clock_;
  absl::Mutex mutex_;
  std::map<std::string, double> series_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<JmeterGenerator> generator_;
};

TEST_F(RealJmeter, AsksPetClinicsTenRequestsWithoutAnError) {
  LoadSettings settings = PetClinic(4, absl::Milliseconds(30));
  settings.jmeter_properties = {{"duration", "8"}, {"greeting", "a=b c; $(d)"}};
  const absl::Status started = generator_->Start(settings);
  ASSERT_TRUE(started.ok()) << started;
  ASSERT_TRUE(WaitForEnd());
  const LoadStatistics statistics = generator_->Statistics();
  EXPECT_EQ(statistics.failure, "");
  EXPECT_EQ(statistics.errors, 0u);
  EXPECT_GT(statistics.requests, 100u);
  std::map<std::string, int> labels;
  JtlTail results(OnlyRun() + "/results.jtl");
  ASSERT_TRUE(
      results.ReadNewRows([&](const JtlRow& row) { ++labels[std::string(row.label)]; }).ok());
  EXPECT_EQ(results.reader().rows(), statistics.requests);
  std::set<std::string> names;
  for (const auto& [label, count] : labels) names.insert(label);
  EXPECT_THAT(names, ElementsAre("create_owner", "create_pet", "create_second_pet",
                                 "create_second_visit", "create_visit", "get_owner", "list_owners",
                                 "list_vets", "update_owner", "update_pet"));
  absl::MutexLock lock(&mutex_);
  for (const std::string& name : names) {
    EXPECT_EQ(
        series_.count(absl::StrCat("client_route_latency_seconds_mean{route=\"", name, "\"}")), 1u)
        << name;
  }
  EXPECT_GT(series_["client_requests_total"], 100);
}

TEST_F(RealJmeter, StopsWhenItIsTold) {
  ASSERT_TRUE(generator_->Start(PetClinic(3, absl::Milliseconds(100))).ok());
  const absl::Time deadline = absl::Now() + kPatience;
  while (generator_->Statistics().requests == 0 && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  const absl::Time asked = absl::Now();
  ASSERT_TRUE(generator_->Stop().ok());
  const absl::Duration took = absl::Now() - asked;
  RecordProperty("stop_ms", static_cast<int>(absl::ToInt64Milliseconds(took)));
  EXPECT_FALSE(generator_->Statistics().running);
  // It ended by itself, by its port: a signal would have cut these lines off.
  std::ifstream output(OnlyRun() + "/output.txt");
  const std::string text((std::istreambuf_iterator<char>(output)),
                         std::istreambuf_iterator<char>());
  EXPECT_THAT(text, HasSubstr("... end of run"));
}

TEST_F(RealJmeter, CountsWhatFailsAsErrors) {
  vets_->Stop();
  LoadSettings settings = PetClinic(2, absl::Milliseconds(20));
  settings.jmeter_properties = {{"duration", "4"}};
  ASSERT_TRUE(generator_->Start(settings).ok());
  ASSERT_TRUE(WaitForEnd());
  const LoadStatistics statistics = generator_->Statistics();
  EXPECT_GT(statistics.errors, 0u);
  EXPECT_LT(statistics.errors * 5, statistics.requests);  // one of ten requests
}

TEST_F(RealJmeter, SaysWhyAPlanDoesNotLoad) {
  LoadSettings settings = PetClinic(1, absl::ZeroDuration());
  settings.jmeter_plan = folder_.path() + "/broken.jmx";
  std::ofstream(settings.jmeter_plan) << "<?xml version=\"1.0\"?><jmeterTestPlan><nonsense/>";
  const absl::Status started = generator_->Start(settings);
  EXPECT_EQ(started.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(started.message()),
              AllOf(HasSubstr("without a sample: "), HasSubstr("broken.jmx")));
}

}  // namespace
}  // namespace grayling::lab
