#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/metrics/victoria_metrics_sample_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/victoria_metrics_server.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr absl::Duration kPatience = absl::Seconds(30);

class VictoriaMetricsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!VictoriaMetricsServer::Installed()) GTEST_SKIP() << "victoria-metrics is not installed";
    ASSERT_TRUE(server_.Start());
    Open();
  }

  void Open(VictoriaMetricsSampleStoreOptions options = {}) {
    store_.reset();
    options.delivery.retry = absl::Milliseconds(100);
    auto opened = VictoriaMetricsSampleStore::Open(folder_.File("spool.db"),
                                                   *AddressOf(server_.url(), ""), options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  absl::Status Append(const std::string& series, int64_t offset_ms, double value) {
    SampleBatch batch;
    batch.time_ms = start_ms_ + offset_ms;
    batch.series = {*store_->Intern(series)};
    batch.values = {value};
    return store_->Append(batch);
  }
  void Deliver() {
    const absl::Status status = store_->Deliver(absl::Now() + kPatience);
    ASSERT_TRUE(status.ok()) << status;
  }
  // Asks VictoriaMetrics itself until it shows `count` samples of a series.
  void WaitUntilShown(const std::string& selector, size_t count) {
    VictoriaMetricsClient client(*AddressOf(server_.url(), ""));
    size_t seen = 0;
    for (const absl::Time end = absl::Now() + kPatience; seen < count && absl::Now() < end;) {
      seen = 0;
      const absl::Status status =
          client.Export({selector}, 0, start_ms_ + 1'000'000, [&](absl::string_view line) {
            seen += static_cast<size_t>(std::count(line.begin(), line.end(), ',')) / 2;
            return absl::OkStatus();
          });
      ASSERT_TRUE(status.ok()) << status;
      absl::SleepFor(absl::Milliseconds(100));
    }
    EXPECT_GE(seen, count);
  }
  // "series offset_ms=value ..." for each series.
  std::vector<std::string> Read(const std::string& selector) {
    std::vector<std::string> lines;
    const absl::Status status = store_->Read(
        *store_->Select(*SeriesSelector::Parse(selector)), absl::InfinitePast(),
        absl::InfiniteFuture(), [&](SeriesId id, const SeriesSamples& samples) {
          std::string line = *store_->Text(id);
          for (size_t i = 0; i < samples.times_ms.size(); ++i) {
            absl::StrAppend(&line, " ", samples.times_ms[i] - start_ms_, "=",
                            IsStale(samples.values[i]) ? "stale" : absl::StrCat(samples.values[i]));
          }
          lines.push_back(line);
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return lines;
  }
  // An empty spool beside the same VictoriaMetrics: what is read then comes from there alone.
  void ForgetSpool() {
    const std::vector<std::string> series = *store_->ListSeries();
    store_.reset();
    for (const char* end : {"", "-wal", "-shm"}) unlink((folder_.File("spool.db") + end).c_str());
    Open();
    for (const std::string& text : series) ASSERT_TRUE(store_->Intern(text).ok());
  }

  TemporaryFolder folder_;
  VictoriaMetricsServer server_;
  std::unique_ptr<VictoriaMetricsSampleStore> store_;
  const int64_t start_ms_ = absl::ToUnixMillis(absl::Now()) - 60'000;
};

TEST_F(VictoriaMetricsTest, WhatWasAppendedCanBeReadAtOnce) {
  ASSERT_TRUE(Append("cpu{host=\"a\"}", 0, 1.5).ok());
  ASSERT_TRUE(Append("cpu{host=\"b\"}", 0, 2).ok());
  ASSERT_TRUE(Append("cpu{host=\"a\"}", 1000, 3).ok());
  EXPECT_THAT(Read("cpu"), ElementsAre("cpu{host=\"a\"} 0=1.5 1000=3", "cpu{host=\"b\"} 0=2"));
  Deliver();
  EXPECT_THAT(Read("cpu"), ElementsAre("cpu{host=\"a\"} 0=1.5 1000=3", "cpu{host=\"b\"} 0=2"));
}

TEST_F(VictoriaMetricsTest, KeepsEverySpecialValueAndName) {
  const std::vector<std::string> names = {"up", "a:b{x=\"1\"}",
                                          "{\"the.name\",zone=\"\\\"q\\\\n\\n\"}",
                                          "m{\"weird.label\"=\"\xc3\xa9\"}"};
  for (const std::string& name : names) ASSERT_TRUE(Append(name, 0, 1).ok());
  ASSERT_TRUE(Append("odd", 0, kInfinity).ok());
  ASSERT_TRUE(Append("odd", 1, -kInfinity).ok());
  ASSERT_TRUE(Append("odd", 2, StaleMarker()).ok());
  ASSERT_TRUE(Append("odd", 3, 7).ok());
  ASSERT_TRUE(Append("only_stale", 0, StaleMarker()).ok());
  Deliver();
  WaitUntilShown("odd", 4);
  WaitUntilShown("only_stale", 1);
  for (const std::string& name : names) WaitUntilShown(*ExportSelectorOf(name), 1);
  ForgetSpool();
  EXPECT_THAT(Read("odd"), ElementsAre("odd 0=inf 1=-inf 2=stale 3=7"));
  EXPECT_THAT(Read("only_stale"), ElementsAre("only_stale 0=stale"));
  for (const std::string& name : names) {
    const SeriesId id = *store_->Intern(name);
    size_t samples = 0;
    ASSERT_TRUE(store_
                    ->Read({id}, absl::InfinitePast(), absl::InfiniteFuture(),
                           [&](SeriesId, const SeriesSamples& read) {
                             samples += read.values.size();
                             return absl::OkStatus();
                           })
                    .ok());
    EXPECT_EQ(samples, 1u) << name;
  }
}

TEST_F(VictoriaMetricsTest, KeepsTwelveDigitsOfAValue) {
  const std::vector<double> values = {M_PI, 0.1 + 0.2, 123456.789012345, 9007199254740992.0, 1e-9};
  for (size_t i = 0; i < values.size(); ++i) {
    ASSERT_TRUE(Append(absl::StrCat("digits{i=\"", i, "\"}"), 0, values[i]).ok());
  }
  Deliver();
  WaitUntilShown("digits{i=\"0\"}", 1);
  WaitUntilShown("digits{i=\"4\"}", 1);
  ForgetSpool();
  size_t i = 0;
  const absl::Status status =
      store_->Read(*store_->Select(*SeriesSelector::Parse("digits")), absl::InfinitePast(),
                   absl::InfiniteFuture(), [&](SeriesId, const SeriesSamples& samples) {
                     EXPECT_NEAR(samples.values[0] / values[i], 1, 1e-12) << i;
                     ++i;
                     return absl::OkStatus();
                   });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(i, values.size());
}

TEST_F(VictoriaMetricsTest, DropsANanThatIsNoStaleMarker) {
  ASSERT_TRUE(Append("m", 0, std::numeric_limits<double>::quiet_NaN()).ok());
  ASSERT_TRUE(Append("m", 1, 1).ok());
  Deliver();
  WaitUntilShown("m", 1);
  ForgetSpool();
  EXPECT_THAT(Read("m"), ElementsAre("m 1=1"));
}

TEST_F(VictoriaMetricsTest, OneInstantIsReadOnceAndTheLastWriteWins) {
  ASSERT_TRUE(Append("m", 1000, 1).ok());
  ASSERT_TRUE(Append("m", 0, 2).ok());
  ASSERT_TRUE(Append("m", 1000, 3).ok());
  EXPECT_THAT(Read("m"), ElementsAre("m 0=2 1000=3"));
  Deliver();
  EXPECT_THAT(Read("m"), ElementsAre("m 0=2 1000=3"));
}

TEST_F(VictoriaMetricsTest, ScansInTheOrderOfTimeFromBothSources) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Append("a", i * 100, i).ok());
  Deliver();
  WaitUntilShown("a", 5);
  ForgetSpool();
  ASSERT_TRUE(Append("b", 250, 9).ok());
  ASSERT_TRUE(Append("a", 200, 7).ok());
  std::vector<std::string> seen;
  const absl::Status status = store_->Scan(
      absl::FromUnixMillis(start_ms_ + 100), absl::FromUnixMillis(start_ms_ + 400),
      [&](const SampleBatch& batch) {
        for (size_t i = 0; i < batch.series.size(); ++i) {
          seen.push_back(absl::StrCat(batch.time_ms - start_ms_, " ",
                                      *store_->Text(batch.series[i]), "=", batch.values[i]));
        }
        return absl::OkStatus();
      });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(seen, ElementsAre("100 a=1", "200 a=7", "250 b=9", "300 a=3"));
}

TEST_F(VictoriaMetricsTest, AnEndlessScanFindsTheSamples) {
  ASSERT_TRUE(Append("m", 0, 1).ok());
  size_t batches = 0;
  ASSERT_TRUE(store_
                  ->Scan(absl::InfinitePast(), absl::InfiniteFuture(),
                         [&](const SampleBatch&) {
                           ++batches;
                           return absl::OkStatus();
                         })
                  .ok());
  EXPECT_EQ(batches, 1u);
}

TEST_F(VictoriaMetricsTest, ReadsMoreSeriesThanOneExportAsksForInTheOrderGiven) {
  SampleBatch batch;
  batch.time_ms = start_ms_;
  for (int i = 0; i < 250; ++i) {
    batch.series.push_back(*store_->Intern(absl::StrCat("many{i=\"", i, "\"}")));
    batch.values.push_back(i);
  }
  ASSERT_TRUE(store_->Append(batch).ok());
  Deliver();
  WaitUntilShown("many{i=\"249\"}", 1);
  ForgetSpool();
  std::vector<SeriesId> ids(batch.series.rbegin(), batch.series.rend());
  std::vector<SeriesId> visited;
  ASSERT_TRUE(store_
                  ->Read(ids, absl::FromUnixMillis(start_ms_), absl::FromUnixMillis(start_ms_ + 1),
                         [&](SeriesId id, const SeriesSamples& samples) {
                           EXPECT_EQ(samples.values[0], static_cast<double>(id));
                           visited.push_back(id);
                           return absl::OkStatus();
                         })
                  .ok());
  EXPECT_EQ(visited, ids);
}

TEST_F(VictoriaMetricsTest, RefusesWhatVictoriaMetricsWouldDropOrCut) {
  std::string labels;
  for (int i = 10; i < 40; ++i) absl::StrAppend(&labels, i == 10 ? "" : ",", "l", i, "=\"v\"");
  EXPECT_THAT(std::string(store_->Intern(absl::StrCat("m{", labels, "}")).status().message()),
              HasSubstr("30 labels"));
  EXPECT_EQ(Append("m", absl::ToInt64Milliseconds(absl::Hours(72)), 1).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Append("m", -start_ms_ - 1, 1).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Read("m"), IsEmpty());
}

TEST_F(VictoriaMetricsTest, ABatchOutlivesTheDaemonWhileVictoriaMetricsIsAway) {
  server_.Kill();
  store_.reset();
  const pid_t daemon = fork();
  if (daemon == 0) {
    Open();
    for (int i = 0; i < 10; ++i) Append("m", i * 1000, i).IgnoreError();
    const bool kept = store_->Flush().ok();
    if (kept) kill(getpid(), SIGKILL);
    _exit(1);
  }
  int status = 0;
  waitpid(daemon, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  Open();
  ASSERT_TRUE(server_.Start());
  Deliver();
  WaitUntilShown("m", 10);
  ForgetSpool();
  EXPECT_THAT(Read("m"),
              ElementsAre("m 0=0 1000=1 2000=2 3000=3 4000=4 5000=5 6000=6 7000=7 8000=8 9000=9"));
}

TEST_F(VictoriaMetricsTest, WhatAKilledVictoriaMetricsForgotIsSentAgain) {
  ASSERT_TRUE(Append("m", 0, 1).ok());
  Deliver();
  // It tells its start in whole seconds, and a test restarts it within one.
  absl::SleepFor(absl::Milliseconds(1100));
  server_.Kill();  // 1.79.5 has nothing of it on disk yet
  ASSERT_TRUE(server_.Start());
  ASSERT_TRUE(Append("n", 0, 2).ok());
  Deliver();
  WaitUntilShown("m", 1);
  ForgetSpool();
  EXPECT_THAT(Read("m"), ElementsAre("m 0=1"));
}

TEST_F(VictoriaMetricsTest, AFullSpoolRefusesWithTheReasonAndTakesSamplesAgain) {
  VictoriaMetricsSampleStoreOptions options;
  options.spool.largest_bytes = 1000;
  options.delivery.settle = absl::ZeroDuration();
  Open(options);
  server_.Kill();
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) status = Append("m", i, i);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is full"));
  EXPECT_THAT(store_->Figures().refusal, HasSubstr("is full"));
  ASSERT_TRUE(server_.Start());
  Deliver();
  for (const absl::Time end = absl::Now() + kPatience;
       !(status = Append("m", 1000, 1)).ok() && absl::Now() < end;) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace grayling
