#include "daemon/metrics/daemon_exporter.h"

#include <httplib.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// One exporter for all: its HTTP server takes two seconds to stop. Each test has its own families.
class DaemonExporterTest : public ::testing::Test {
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

  static inline std::unique_ptr<DaemonExporter> exporter_;
};

TEST_F(DaemonExporterTest, ServesItsVersionOnAFreePort) {
  EXPECT_GT(exporter_->port(), 0);
  EXPECT_THAT(Page(), HasSubstr("grayling_build_info{version=\"1.2.3\"} 1"));
}

TEST_F(DaemonExporterTest, SaysWhichAddressIsTaken) {
  const std::string address = absl::StrCat("127.0.0.1:", exporter_->port());
  const absl::Status status = DaemonExporter::Open(address, "1").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(address));
}

TEST_F(DaemonExporterTest, ShowsATargetUntilItIsRemoved) {
  ScrapeTargetStatus status;
  status.settings.name = "scrapeTargets/a";
  status.settings.labels = {{"service", "vets"}};
  status.up = true;
  status.last_malformed_lines = 2;
  status.last_duration = absl::Milliseconds(250);
  exporter_->OnScrape(status);
  EXPECT_THAT(Page(),
              AllOf(HasSubstr("grayling_scrape_up{service=\"vets\",target=\"scrapeTargets/a\"} 1"),
                    HasSubstr("grayling_scrape_malformed_lines{service=\"vets\","
                              "target=\"scrapeTargets/a\"} 2"),
                    HasSubstr("grayling_scrape_duration_seconds{service=\"vets\","
                              "target=\"scrapeTargets/a\"} 0.25")));
  exporter_->OnTargetRemoved("scrapeTargets/a");
  EXPECT_THAT(Page(), Not(HasSubstr("scrapeTargets/a")));
}

TEST_F(DaemonExporterTest, CountsStoredAndLostSamplesAndLoadErrors) {
  SampleBatch batch;
  batch.series = {1, 2};
  batch.values = {1, 2};
  exporter_->OnBatch(batch);
  exporter_->OnBatch(batch);
  exporter_->OnLost(5);
  exporter_->AddLoad({.requests = 10, .errors = 3});
  EXPECT_THAT(Page(), AllOf(HasSubstr("grayling_samples_appended_total 4"),
                            HasSubstr("grayling_samples_lost_total 5"),
                            HasSubstr("grayling_load_errors_total 3")));
}

TEST_F(DaemonExporterTest, ShowsActiveFaultsAndForgetsRevertedOnes) {
  exporter_->SetFaults({{"cpu", "customers", 0.3}, {"cpu", "customers", 0.5}, {"loss", "vets", 1}});
  EXPECT_THAT(
      Page(),
      AllOf(HasSubstr("grayling_faults_active{kind=\"cpu\",service=\"customers\"} 2"),
            HasSubstr(
                "grayling_fault_intensity{campaign=\"\",kind=\"cpu\",service=\"customers\"} 0.5"),
            HasSubstr("grayling_faults_active{kind=\"loss\",service=\"vets\"} 1")));
  exporter_->SetFaults({});
  EXPECT_THAT(Page(), Not(HasSubstr("kind=")));
}

TEST_F(DaemonExporterTest, MarksThePresentPhaseOnly) {
  exporter_->SetCampaignPhase("before");
  exporter_->SetCampaignPhase("during");
  EXPECT_THAT(Page(), AllOf(HasSubstr("grayling_campaign_phase{phase=\"before\"} 0"),
                            HasSubstr("grayling_campaign_phase{phase=\"during\"} 1")));
}

TEST_F(DaemonExporterTest, KnowsEveryPhaseOfACampaign) {
  for (const char* phase : {"warmup", "before", "during", "after", "cooldown"}) {
    exporter_->SetCampaignPhase(phase);
    EXPECT_THAT(Page(), HasSubstr(absl::StrCat("phase{phase=\"", phase, "\"} 1")));
  }
}

TEST_F(DaemonExporterTest, LeavesOutAPercentileOfASecondWithoutAnswers) {
  exporter_->SetLoad({.requests_per_second = 1, .p50_s = 0.5, .p95_s = 0.5, .p99_s = 0.5});
  exporter_->SetLoad({.p50_s = std::nan(""), .p95_s = std::nan(""), .p99_s = std::nan("")});
  EXPECT_THAT(Page(), Not(HasSubstr("percentile=")));
}

TEST_F(DaemonExporterTest, AddsUpTheLatenciesOfAllAnswers) {
  LoadFigures::Increment increment;
  increment.answers_by_latency.assign(LoadFigures::LatencyBounds().size() + 1, 0);
  increment.answers_by_latency[0] = 2;  // up to 5 ms
  increment.answers_by_latency.back() = 1;
  increment.latency_sum_s = 12;
  exporter_->AddLoad(increment);
  EXPECT_THAT(Page(), AllOf(HasSubstr("grayling_load_latency_seconds_bucket{le=\"0.005\"} 2"),
                            HasSubstr("grayling_load_latency_seconds_bucket{le=\"+Inf\"} 3"),
                            HasSubstr("grayling_load_latency_seconds_sum 12")));
}

TEST_F(DaemonExporterTest, ShowsTheHealthOfTheProcess) {
  const std::string page = Page();
  for (const char* name :
       {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ",
        "process_max_fds ", "process_threads ", "process_start_time_seconds "}) {
    EXPECT_THAT(page, HasSubstr(absl::StrCat("\n", name)));
  }
}

TEST_F(DaemonExporterTest, ShowsNoMoreTargetsThanItsBound) {
  ScrapeTargetStatus status;
  const size_t count = ScrapeFigures::kLargestTargets + 2;
  for (size_t i = 0; i < count; ++i) {
    status.settings.name = absl::StrCat("scrapeTargets/many-", i);
    exporter_->OnScrape(status);
  }
  EXPECT_THAT(Page(), HasSubstr("grayling_scrape_targets_unshown 2"));
  for (size_t i = 0; i < count; ++i) {
    exporter_->OnTargetRemoved(absl::StrCat("scrapeTargets/many-", i));
  }
  EXPECT_THAT(Page(),
              AllOf(HasSubstr("grayling_scrape_targets_unshown 0"), Not(HasSubstr("many-"))));
}

TEST_F(DaemonExporterTest, CountsAnAlarmOnceForItsFirstSuspect) {
  exporter_->SetDetector({{"a", 0.1}, {"b", 0.2}}, false);
  exporter_->SetDetector({{"a", 0.9}, {"b", 0.2}}, true);
  exporter_->SetDetector({{"a", 0.3}, {"b", 0.8}}, true);
  EXPECT_THAT(Page(), AllOf(HasSubstr("grayling_detector_alarms_total{service=\"a\"} 1"),
                            HasSubstr("grayling_detector_alarms_total{service=\"b\"} 0"),
                            HasSubstr("grayling_detector_suspect{service=\"a\"} 0"),
                            HasSubstr("grayling_detector_suspect{service=\"b\"} 1")));
  exporter_->SetDetector({}, false);
}

TEST_F(DaemonExporterTest, ShowsLoadAndDetector) {
  exporter_->SetLoad({12.5, 0.01, 0.02, 0.04});
  exporter_->SetDetector({{"vets", 0.75}}, true);
  EXPECT_THAT(Page(),
              AllOf(HasSubstr("grayling_load_requests_per_second 12.5"),
                    HasSubstr("grayling_load_last_second_latency_seconds{percentile=\"99\"} 0.04"),
                    HasSubstr("grayling_detector_score{service=\"vets\"} 0.75"),
                    HasSubstr("grayling_detector_alarm 1")));
}

}  // namespace
}  // namespace grayling
