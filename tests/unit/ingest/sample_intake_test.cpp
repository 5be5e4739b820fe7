#include "daemon/ingest/sample_intake.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;

class Listener final : public BatchListener {
 public:
  void OnBatch(const SampleBatch& batch) override { heard.push_back(batch); }
  std::vector<SampleBatch> heard;
};

TEST(SampleIntakeTest, ListenersHearTheBatchThatTheStoreTook) {
  MemorySampleStore store;
  Listener listener;
  SampleIntake intake(store, {&listener});
  SampleBatch batch = store.Batch(1000, {{"a", 1}, {"b", 2}});
  batch.times_ms = {3000, 1000};
  ASSERT_TRUE(intake.Take(batch).ok());
  EXPECT_EQ(store.Batches().size(), 1u);
  ASSERT_EQ(listener.heard.size(), 1u);
  EXPECT_THAT(listener.heard[0].values, ElementsAre(1, 2));
  EXPECT_THAT(listener.heard[0].times_ms, ElementsAre(3000, 1000));
}

TEST(SampleIntakeTest, ListenersHearNothingOfARefusedBatch) {
  MemorySampleStore store;
  Listener listener;
  SampleIntake intake(store, {&listener});
  store.Refuse(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_TRUE(absl::IsResourceExhausted(intake.Take(store.Batch(1, {{"a", 1}}))));
  EXPECT_TRUE(listener.heard.empty());
}

TEST(SampleIntakeTest, OneInstantIsOneTimeAndTheEarliestStandsForMany) {
  SampleBatch batch{"a", 0, {0, 1}, {1, 2}, {7, 7}};
  SettleInstants(batch);
  EXPECT_EQ(batch.time_ms, 7);
  EXPECT_TRUE(batch.times_ms.empty());
  batch.times_ms = {9, 8};
  SettleInstants(batch);
  EXPECT_EQ(batch.time_ms, 8);
  EXPECT_THAT(batch.times_ms, ElementsAre(9, 8));
}

TEST(GroupCommitTest, ManyWhoWaitShareACommit) {
  MemorySampleStore store;
  GroupCommit commit(store, absl::ZeroDuration());
  store.HoldCommits(true);
  absl::Mutex mutex;
  int answered = 0;
  const auto count = [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok());
    absl::MutexLock lock(&mutex);
    ++answered;
  };
  for (int i = 0; i < 100; ++i) commit.Notify(count);
  store.HoldCommits(false);
  ASSERT_TRUE(commit.Wait().ok());
  EXPECT_EQ(answered, 100);
  EXPECT_LE(store.commits(), 3);  // one that had begun, one for the rest, one for Wait()
}

TEST(GroupCommitTest, HandsTheStoresErrorOn) {
  MemorySampleStore store;
  GroupCommit commit(store, absl::ZeroDuration());
  store.FailCommits(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_TRUE(absl::IsResourceExhausted(commit.Wait()));
}

TEST(GroupCommitTest, AnswersWhoeverWaitsAtTheEnd) {
  MemorySampleStore store;
  bool answered = false;
  {
    GroupCommit commit(store, absl::InfiniteDuration());
    ASSERT_TRUE(commit.Wait().ok());
    commit.Notify([&](const absl::Status&) { answered = true; });
  }
  EXPECT_TRUE(answered);
}

}  // namespace
}  // namespace grayling
