#include "daemon/metrics/sqlite_sample_store.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Time kStart = absl::FromUnixMillis(1'700'000'000'000);
constexpr int64_t kStartMs = 1'700'000'000'000;

class SqliteSampleStoreTest : public ::testing::Test {
 protected:
  std::string Path() const { return folder_.File("samples.db"); }

  void Open(SqliteSampleStoreOptions options = {}) {
    store_.reset();
    auto opened = SqliteSampleStore::Open(Path(), std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  SampleBatch Batch(int64_t offset_ms, const std::vector<std::pair<std::string, double>>& samples,
                    const std::string& target = "scrapeTargets/a") {
    SampleBatch batch;
    batch.target = target;
    batch.time_ms = kStartMs + offset_ms;
    for (const auto& [series, value] : samples) {
      batch.series.push_back(*store_->Intern(series));
      batch.values.push_back(value);
    }
    return batch;
  }

  // "offset_ms target series=value ..." of every batch in the span.
  std::vector<std::string> Scan(absl::Time from = absl::InfinitePast(),
                                absl::Time to = absl::InfiniteFuture()) {
    std::vector<std::string> seen;
    const absl::Status status = store_->Scan(from, to, [&](const SampleBatch& batch) {
      std::string line = absl::StrCat(batch.time_ms - kStartMs, " ", batch.target);
      for (size_t i = 0; i < batch.series.size(); ++i) {
        absl::StrAppend(&line, " ", *store_->Text(batch.series[i]), "=", batch.values[i]);
      }
      seen.push_back(line);
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return seen;
  }

  TemporaryFolder folder_;
  std::unique_ptr<SqliteSampleStore> store_;
};

TEST_F(SqliteSampleStoreTest, GivesDenseIdsThatOutliveARestart) {
  Open();
  EXPECT_EQ(*store_->Intern("a"), 0u);
  EXPECT_EQ(*store_->Intern("b{x=\"y\"}"), 1u);
  EXPECT_EQ(*store_->Intern("a"), 0u);
  Open();
  EXPECT_EQ(*store_->Intern("b{x=\"y\"}"), 1u);
  EXPECT_EQ(*store_->Intern("c"), 2u);
  EXPECT_EQ(*store_->Text(1), "b{x=\"y\"}");
  EXPECT_EQ(store_->Text(9).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(*store_->ListSeries(), ElementsAre("a", "b{x=\"y\"}", "c"));
}

TEST_F(SqliteSampleStoreTest, ScansWhatIsNotYetOnDisk) {
  SqliteSampleStoreOptions options;
  options.commit_interval = absl::InfiniteDuration();
  Open(options);
  ASSERT_TRUE(store_->Append(Batch(0, {{"a", 1}})).ok());
  EXPECT_THAT(Scan(), ElementsAre("0 scrapeTargets/a a=1"));
}

TEST_F(SqliteSampleStoreTest, ScansInTimeOrderAcrossDiskAndMemory) {
  SqliteSampleStoreOptions options;
  options.commit_interval = absl::InfiniteDuration();
  Open(options);
  ASSERT_TRUE(store_->Append(Batch(30, {{"a", 3}})).ok());
  ASSERT_TRUE(store_->Append(Batch(10, {{"a", 1}})).ok());
  ASSERT_TRUE(store_->Flush().ok());
  ASSERT_TRUE(store_->Append(Batch(40, {{"a", 4}})).ok());
  ASSERT_TRUE(store_->Append(Batch(20, {{"a", 2}}, "load")).ok());
  ASSERT_TRUE(store_->Append(Batch(10, {{"b", 9}})).ok());
  EXPECT_THAT(Scan(), ElementsAre("10 scrapeTargets/a a=1", "10 scrapeTargets/a b=9", "20 load a=2",
                                  "30 scrapeTargets/a a=3", "40 scrapeTargets/a a=4"));
}

TEST_F(SqliteSampleStoreTest, ScansAHalfOpenSpan) {
  Open();
  for (int ms : {0, 1, 2, 3}) ASSERT_TRUE(store_->Append(Batch(ms, {{"a", ms + 0.5}})).ok());
  const absl::Time from = kStart + absl::Milliseconds(1);
  const absl::Time to = kStart + absl::Milliseconds(3);
  EXPECT_EQ(Scan(from, to).size(), 2u);
  ASSERT_TRUE(store_->Flush().ok());
  EXPECT_EQ(Scan(from, to).size(), 2u);
  EXPECT_EQ(Scan(from + absl::Nanoseconds(1), to + absl::Nanoseconds(1)).size(), 2u);
}

TEST_F(SqliteSampleStoreTest, StopsAScanAtTheVisitorsFirstErrorAndLetsItCallTheStore) {
  Open();
  for (int ms = 0; ms < 600; ++ms) ASSERT_TRUE(store_->Append(Batch(ms, {{"a", 1}})).ok());
  ASSERT_TRUE(store_->Flush().ok());
  int visits = 0;
  const absl::Status status =
      store_->Scan(absl::InfinitePast(), absl::InfiniteFuture(), [&](const SampleBatch& batch) {
        EXPECT_TRUE(store_->Text(batch.series[0]).ok());
        return ++visits == 300 ? absl::CancelledError("enough") : absl::OkStatus();
      });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(visits, 300);
}

TEST_F(SqliteSampleStoreTest, CommitsByItselfAfterTheInterval) {
  absl::Notification committed;
  SqliteSampleStoreOptions options;
  options.commit_interval = absl::Milliseconds(1);
  options.after_commit = [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
    if (!committed.HasBeenNotified()) committed.Notify();
  };
  Open(options);
  ASSERT_TRUE(store_->Append(Batch(0, {{"a", 1}})).ok());
  EXPECT_TRUE(committed.WaitForNotificationWithTimeout(absl::Seconds(30)));
  store_.reset();  // before `committed`
}

TEST_F(SqliteSampleStoreTest, KeepsFlushedSamplesWhenTheProcessIsKilled) {
  int flushed[2];
  ASSERT_EQ(pipe(flushed), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto opened = SqliteSampleStore::Open(Path());
    if (!opened.ok()) _exit(1);
    store_ = *std::move(opened);
    for (int ms = 0; ms < 50; ++ms) {
      if (!store_->Append(Batch(ms, {{"a", ms * 0.1}, {"b", -ms}})).ok()) _exit(1);
    }
    if (!store_->Flush().ok() || write(flushed[1], "y", 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  close(flushed[1]);
  char answer = 'n';
  EXPECT_EQ(read(flushed[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_EQ(SqliteSampleStore::Open(Path()).status().code(), absl::StatusCode::kUnavailable);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(flushed[0]);

  Open();
  const std::vector<std::string> seen = Scan();
  ASSERT_EQ(seen.size(), 50u);
  EXPECT_EQ(seen[49], "49 scrapeTargets/a a=4.9 b=-49");
}

TEST_F(SqliteSampleStoreTest, KeepsUnflushedSamplesOnceTheirCommitIntervalIsOver) {
  int committed[2];
  ASSERT_EQ(pipe(committed), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    SqliteSampleStoreOptions options;
    options.commit_interval = absl::Milliseconds(20);
    options.after_commit = [&](const absl::Status& status) {
      if (!status.ok() || write(committed[1], "y", 1) != 1) _exit(1);
    };
    auto opened = SqliteSampleStore::Open(Path(), options);
    if (!opened.ok()) _exit(1);
    store_ = *std::move(opened);
    if (!store_->Append(Batch(0, {{"a", 1}})).ok()) _exit(1);
    pause();
    _exit(0);
  }
  close(committed[1]);
  char answer = 'n';
  EXPECT_EQ(read(committed[0], &answer, 1), 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(committed[0]);
  Open();
  EXPECT_THAT(Scan(), ElementsAre("0 scrapeTargets/a a=1"));
}

TEST_F(SqliteSampleStoreTest, RefusesOnAFullDiskKeepsReadingAndRecoversByItself) {
  std::atomic<int64_t> page_limit{64};
  SqliteSampleStoreOptions options;
  options.commit_interval = absl::Milliseconds(1);
  options.page_limit = [&] { return page_limit.load(); };
  absl::Notification recovered;
  std::atomic<bool> waiting_for_recovery{false};
  options.after_commit = [&](const absl::Status& status) {
    if (waiting_for_recovery && status.ok() && !recovered.HasBeenNotified()) recovered.Notify();
  };
  Open(options);

  // Values without a pattern, so that compression does not save the disk.
  std::vector<std::pair<std::string, double>> samples;
  for (int i = 0; i < 500; ++i) samples.emplace_back(absl::StrCat("s", i), std::sin(i * 1.7));
  size_t taken = 0;
  absl::Status status;
  while (status.ok() && taken < 1000) {
    for (auto& sample : samples) sample.second = std::sin(sample.second * 12.9898 + 1);
    status = store_->Append(Batch(static_cast<int64_t>(taken), samples));
    if (!status.ok()) break;
    ++taken;
    status = store_->Flush();
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("free space"));
  EXPECT_EQ(store_->Append(Batch(5000, samples)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Scan().size(), taken);

  waiting_for_recovery = true;
  page_limit = 1'000'000;
  ASSERT_TRUE(recovered.WaitForNotificationWithTimeout(absl::Seconds(30)));
  EXPECT_TRUE(store_->Append(Batch(6000, samples)).ok());
  EXPECT_TRUE(store_->Flush().ok());
  EXPECT_EQ(Scan().size(), taken + 1);
  Open();
  EXPECT_EQ(Scan().size(), taken + 1);
}

TEST_F(SqliteSampleStoreTest, RefusesABatchThatIsNotWellFormed) {
  Open();
  SampleBatch uneven;
  uneven.series = {*store_->Intern("a")};
  EXPECT_EQ(store_->Append(uneven).code(), absl::StatusCode::kInvalidArgument);
  SampleBatch foreign;
  foreign.series = {7};
  foreign.values = {1};
  EXPECT_EQ(store_->Append(foreign).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SqliteSampleStoreTest, RefusesMoreThanItMayHoldInMemory) {
  SqliteSampleStoreOptions options;
  options.commit_interval = absl::InfiniteDuration();
  options.largest_backlog = 3;
  Open(options);
  EXPECT_TRUE(store_->Append(Batch(0, {{"a", 1}, {"b", 2}})).ok());
  EXPECT_EQ(store_->Append(Batch(1, {{"a", 1}, {"b", 2}})).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(store_->Flush().ok());
  EXPECT_TRUE(store_->Append(Batch(1, {{"a", 1}, {"b", 2}})).ok());
}

TEST_F(SqliteSampleStoreTest, LosesAndRepeatsNothingWhileManyAppendAndOneReads) {
  SqliteSampleStoreOptions options;
  options.commit_interval = absl::ZeroDuration();
  Open(options);
  constexpr int kWriters = 3;
  constexpr int kBatches = 100;
  const SampleBatch prototype = Batch(0, {{"a", 1}});
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      SampleBatch batch = prototype;
      for (int i = 0; i < kBatches; ++i) {
        batch.time_ms = kStartMs + i * kWriters + writer;
        EXPECT_TRUE(store_->Append(batch).ok());
      }
    });
  }
  size_t before = 0;
  while (before < static_cast<size_t>(kWriters * kBatches)) {
    std::vector<std::string> seen = Scan();
    EXPECT_GE(seen.size(), before);
    before = seen.size();
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Scan().size(), static_cast<size_t>(kWriters * kBatches));
}

}  // namespace
}  // namespace grayling
