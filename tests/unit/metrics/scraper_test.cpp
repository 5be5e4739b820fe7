#include "daemon/metrics/scraper.h"

#include <atomic>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/fake_target.h"
#include "tests/unit/metrics/memory_sample_store.h"
#include "tests/unit/metrics/report_log.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class BatchCounter final : public BatchListener {
 public:
  void OnBatch(const SampleBatch&) override {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  void OnLost(size_t samples) override {
    absl::MutexLock lock(&mutex_);
    lost_ += samples;
  }
  size_t TakeDropped() override {
    absl::MutexLock lock(&mutex_);
    return std::exchange(dropped_, 0);
  }
  // Has dropped samples.
  void Drop(size_t samples) {
    absl::MutexLock lock(&mutex_);
    dropped_ = samples;
  }
  size_t lost() {
    absl::MutexLock lock(&mutex_);
    return lost_;
  }
  int count() {
    absl::MutexLock lock(&mutex_);
    return count_;
  }

 private:
  absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t lost_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
};

class ScraperTest : public ::testing::Test {
 protected:
  static ScrapeTargetSettings Settings(const std::string& url, const std::string& id = "probe") {
    ScrapeTargetSettings settings;
    settings.name = absl::StrCat("scrapeTargets/", id);
    settings.url = url;
    settings.period = settings.timeout = absl::Seconds(2);  // also on a busy machine
    settings.labels = {{"zone", "z"}};
    return settings;
  }
  // Scrapes the target once and returns its status.
  ScrapeTargetStatus ScrapeOnce(const std::string& url) {
    Scraper scraper = MakeScraper();
    EXPECT_TRUE(scraper.Add(Settings(url)).ok());
    EXPECT_TRUE(scraper.Start().ok());
    return reports_.WaitFor(1);
  }
  // Must go before the target it scrapes, which else waits for the connection to end.
  Scraper MakeScraper() { return Scraper(store_, {&listener_}, &reports_); }

  MemorySampleStore store_;
  BatchCounter listener_;
  ReportLog reports_;
};

TEST_F(ScraperTest, StoresAPageAsOneBatchWithItsBookkeeping) {
  FakeTarget target([](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("a{x=\"y\"} 1\nb 2\n", "text/plain; version=0.0.4");
  });
  const absl::Time before = absl::Now();
  const ScrapeTargetStatus status = ScrapeOnce(target.Url());
  EXPECT_TRUE(status.up);
  EXPECT_EQ(status.last_error, "");
  EXPECT_EQ(status.last_samples, 2u);
  EXPECT_GE(status.last_scrape, before);

  const SampleBatch batch = store_.Batches().front();
  EXPECT_EQ(batch.target, "scrapeTargets/probe");
  EXPECT_GE(batch.time_ms, absl::ToUnixMillis(before));
  EXPECT_EQ(batch.series.size(), 6u);
  EXPECT_EQ(store_.ValueIn(batch, "a{x=\"y\",zone=\"z\"}"), 1);
  EXPECT_EQ(store_.ValueIn(batch, "b{zone=\"z\"}"), 2);
  const std::string labels = "{target=\"scrapeTargets/probe\",zone=\"z\"}";
  EXPECT_EQ(store_.ValueIn(batch, "up" + labels), 1);
  EXPECT_EQ(store_.ValueIn(batch, "scrape_samples_scraped" + labels), 2);
  EXPECT_GT(store_.ValueIn(batch, "scrape_duration_seconds" + labels), 0);
  EXPECT_GE(listener_.count(), 1);
}

TEST_F(ScraperTest, WritesUpZeroAloneForAnAnswerThatIsNot200) {
  FakeTarget target([](const httplib::Request&, httplib::Response& answer) {
    answer.status = 500;
    answer.set_content("a 1\n", "text/plain");
  });
  const ScrapeTargetStatus status = ScrapeOnce(target.Url());
  EXPECT_FALSE(status.up);
  EXPECT_THAT(status.last_error, HasSubstr("answered 500"));
  const SampleBatch batch = store_.Batches().front();
  EXPECT_EQ(batch.series.size(), 4u);
  EXPECT_EQ(store_.ValueIn(batch, "up{target=\"scrapeTargets/probe\",zone=\"z\"}"), 0);
}

TEST_F(ScraperTest, SaysWhichUrlCannotBeReached) {
  std::string url;
  {
    FakeTarget gone([](const httplib::Request&, httplib::Response&) {});
    url = gone.Url();
  }
  const ScrapeTargetStatus status = ScrapeOnce(url);
  EXPECT_FALSE(status.up);
  EXPECT_THAT(status.last_error, HasSubstr(url));
}

TEST_F(ScraperTest, GivesUpAtTheTimeout) {
  absl::Notification done;
  FakeTarget target([&](const httplib::Request&, httplib::Response&) {
    done.WaitForNotificationWithTimeout(absl::Seconds(30));
  });
  ScrapeTargetSettings settings = Settings(target.Url());
  settings.timeout = absl::Milliseconds(200);
  Scraper scraper = MakeScraper();
  ASSERT_TRUE(scraper.Add(settings).ok());
  ASSERT_TRUE(scraper.Start().ok());
  const ScrapeTargetStatus status = reports_.WaitFor(1);
  done.Notify();
  EXPECT_FALSE(status.up);
  EXPECT_GE(status.last_duration, absl::Milliseconds(190));
}

TEST_F(ScraperTest, RefusesABodyThatUnpacksToMoreThan16MiB) {
  FakeTarget target([](const httplib::Request& request, httplib::Response& answer) {
    EXPECT_THAT(request.get_header_value("Accept-Encoding"), HasSubstr("gzip"));
    answer.set_content(std::string((16 << 20) + 1, '\n'), "text/plain");
  });
  ScrapeTargetSettings settings = Settings(target.Url());
  settings.period = settings.timeout = absl::Seconds(5);
  Scraper scraper = MakeScraper();
  ASSERT_TRUE(scraper.Add(settings).ok());
  ASSERT_TRUE(scraper.Start().ok());
  const ScrapeTargetStatus status = reports_.WaitFor(1);
  EXPECT_FALSE(status.up);
  EXPECT_THAT(status.last_error, HasSubstr("16777216 bytes"));
}

TEST_F(ScraperTest, TakesAnEmpty204AsUp) {
  FakeTarget target(
      [](const httplib::Request&, httplib::Response& answer) { answer.status = 204; });
  const ScrapeTargetStatus status = ScrapeOnce(target.Url());
  EXPECT_TRUE(status.up);
  EXPECT_EQ(status.last_samples, 0u);
}

TEST_F(ScraperTest, StaysUpAndTellsOfMalformedLines) {
  FakeTarget target([](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("a 1\nbroken\n", "text/plain");
  });
  const ScrapeTargetStatus status = ScrapeOnce(target.Url());
  EXPECT_TRUE(status.up);
  EXPECT_EQ(status.last_samples, 1u);
  EXPECT_THAT(status.last_error, HasSubstr("line 2"));
}

TEST_F(ScraperTest, TellsTheStoresRefusalAndHowManySamplesWereLost) {
  FakeTarget target([](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("a 1\n", "text/plain");
  });
  store_.Refuse(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_EQ(ScrapeOnce(target.Url()).last_error, "the disk is full");
  EXPECT_EQ(listener_.count(), 0);
  EXPECT_GE(listener_.lost(), 5u);  // the page's one and the four of the bookkeeping
}

TEST_F(ScraperTest, TellsTheListenersWhatOneOfThemDropped) {
  FakeTarget target([](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("a 1\n", "text/plain");
  });
  listener_.Drop(7);
  ScrapeOnce(target.Url());
  EXPECT_EQ(listener_.lost(), 7u);
}

TEST_F(ScraperTest, KeepsTheConnectionAndTheGrid) {
  absl::Mutex mutex;
  std::set<int> ports;
  FakeTarget target([&](const httplib::Request& request, httplib::Response& answer) {
    absl::MutexLock lock(&mutex);
    ports.insert(request.remote_port);
    answer.set_content("a 1\n", "text/plain");
  });
  Scraper scraper = MakeScraper();
  ScrapeTargetSettings settings = Settings(target.Url());
  settings.period = settings.timeout = absl::Seconds(1);
  ASSERT_TRUE(scraper.Add(settings).ok());
  ASSERT_TRUE(scraper.Start().ok());
  reports_.WaitFor(4);
  scraper.Stop();
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(ports.size(), 1u);
  const std::vector<SampleBatch> batches = store_.Batches();
  // Instants lie on one grid, however late a scrape begins: never early.
  EXPECT_GE(batches[3].time_ms - batches[0].time_ms, 3 * 1000 - 500);
}

TEST_F(ScraperTest, KeepsAConnectionForEveryTarget) {
  absl::Mutex mutex;
  std::set<int> ports;
  FakeTarget target([&](const httplib::Request& request, httplib::Response& answer) {
    absl::MutexLock lock(&mutex);
    ports.insert(request.remote_port);
    answer.set_content("a 1\n", "text/plain");
  });
  Scraper scraper = MakeScraper();
  for (const char* id : {"one", "two", "three", "four", "five", "six", "seven"}) {
    ScrapeTargetSettings settings = Settings(target.Url(), id);
    settings.period = settings.timeout = absl::Seconds(1);
    ASSERT_TRUE(scraper.Add(settings).ok());
  }
  ASSERT_TRUE(scraper.Start().ok());
  reports_.WaitFor(3 * 7);
  scraper.Stop();
  absl::MutexLock lock(&mutex);
  EXPECT_LE(ports.size(), 7u);
}

TEST_F(ScraperTest, EndsTheSeriesOfATargetThatFailsAndStartsThemAgain) {
  std::atomic<int> requests = 0;
  FakeTarget target([&](const httplib::Request&, httplib::Response& answer) {
    answer.status = ++requests == 2 ? 500 : 200;
    answer.set_content("a 1\n", "text/plain");
  });
  Scraper scraper = MakeScraper();
  ScrapeTargetSettings settings = Settings(target.Url());
  settings.period = settings.timeout = absl::Seconds(1);
  ASSERT_TRUE(scraper.Add(settings).ok());
  ASSERT_TRUE(scraper.Start().ok());
  reports_.WaitFor(3);
  scraper.Stop();
  const std::vector<SampleBatch> batches = store_.Batches();
  ASSERT_GE(batches.size(), 3u);
  EXPECT_EQ(store_.ValueIn(batches[0], "a{zone=\"z\"}"), 1);
  EXPECT_TRUE(IsStale(store_.ValueIn(batches[1], "a{zone=\"z\"}")));
  EXPECT_EQ(store_.ValueIn(batches[2], "a{zone=\"z\"}"), 1);
}

TEST_F(ScraperTest, EndsTheSeriesOfATargetThatIsRemoved) {
  FakeTarget target([](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("a 1\n", "text/plain");
  });
  Scraper scraper = MakeScraper();
  ASSERT_TRUE(scraper.Add(Settings(target.Url())).ok());
  ASSERT_TRUE(scraper.Start().ok());
  reports_.WaitFor(1);
  ASSERT_TRUE(scraper.Remove("scrapeTargets/probe").ok());
  ASSERT_TRUE(scraper.Add(Settings(target.Url(), "next")).ok());
  reports_.WaitForUp(2);
  scraper.Stop();
  SampleBatch last;
  for (const SampleBatch& batch : store_.Batches()) {
    if (batch.target == "scrapeTargets/probe") last = batch;
  }
  EXPECT_EQ(last.series.size(), 5u);
  for (const double value : last.values) EXPECT_TRUE(IsStale(value));
}

TEST_F(ScraperTest, RefusesASecondReaderOfGalaGopher) {
  Scraper scraper = MakeScraper();
  ScrapeTargetSettings gala = Settings("http://127.0.0.1:8888/metrics", "gala");
  gala.dialect = ScrapeDialect::kGalaGopher;
  ASSERT_TRUE(scraper.Add(gala).ok());
  const absl::Status second = scraper.Add(Settings("http://LOCALHOST:8888/other", "second"));
  EXPECT_EQ(second.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(second.message()), HasSubstr("by scrapeTargets/gala"));
  EXPECT_TRUE(scraper.Add(Settings("http://127.0.0.1:8889/metrics", "third")).ok());
  ASSERT_TRUE(scraper.Remove("scrapeTargets/gala").ok());
  EXPECT_TRUE(scraper.Add(Settings("http://127.0.0.1:8888/metrics", "second")).ok());
}

TEST_F(ScraperTest, AddsAndRemovesTargetsWhileItRuns) {
  FakeTarget target([](const httplib::Request&, httplib::Response& answer) {
    answer.set_content("a 1\n", "text/plain");
  });
  Scraper scraper = MakeScraper();
  ASSERT_TRUE(scraper.Start().ok());
  ASSERT_TRUE(scraper.Add(Settings(target.Url(), "one")).ok());
  ASSERT_TRUE(scraper.Add(Settings(target.Url(), "two")).ok());
  EXPECT_EQ(scraper.Add(Settings(target.Url(), "two")).code(), absl::StatusCode::kAlreadyExists);
  reports_.WaitForUp(2);
  ASSERT_EQ(scraper.List().size(), 2u);
  EXPECT_TRUE(scraper.List()[0].up);
  ASSERT_TRUE(scraper.Remove("scrapeTargets/one").ok());
  EXPECT_EQ(reports_.removed(), "scrapeTargets/one");
  EXPECT_EQ(scraper.Remove("scrapeTargets/one").code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(scraper.Remove("scrapeTargets/two").ok());
  EXPECT_THAT(scraper.List(), IsEmpty());
}

}  // namespace
}  // namespace grayling
