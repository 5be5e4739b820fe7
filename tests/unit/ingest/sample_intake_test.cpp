#include "daemon/ingest/sample_intake.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/ingest/recorded_store.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;

class Listener final : public BatchListener {
 public:
  void OnBatch(const SampleBatch& batch) override { heard.push_back(batch); }
  std::vector<SampleBatch> heard;
};

TEST(SampleIntakeTest, ListenersHearOneInstantABatchInOrder) {
  RecordedStore store;
  Listener listener;
  SampleIntake intake(store, {&listener});
  const SampleBatch batch{"a", 1000, {0, 1, 0}, {1, 2, 3}, {3000, 1000, 3000}};
  ASSERT_TRUE(intake.Take(batch).ok());
  EXPECT_EQ(store.Batches().size(), 1u);
  ASSERT_EQ(listener.heard.size(), 2u);
  EXPECT_EQ(listener.heard[0].time_ms, 1000);
  EXPECT_THAT(listener.heard[0].values, ElementsAre(2));
  EXPECT_EQ(listener.heard[1].time_ms, 3000);
  EXPECT_THAT(listener.heard[1].values, ElementsAre(1, 3));
}

TEST(SampleIntakeTest, ListenersHearNothingOfARefusedBatch) {
  RecordedStore store;
  Listener listener;
  SampleIntake intake(store, {&listener});
  store.Refuse(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_TRUE(absl::IsResourceExhausted(intake.Take({"a", 1, {0}, {1}})));
  EXPECT_TRUE(listener.heard.empty());
}

TEST(GroupCommitTest, ManyWhoWaitShareACommit) {
  RecordedStore store;
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
  RecordedStore store;
  GroupCommit commit(store, absl::ZeroDuration());
  store.FailCommits(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_TRUE(absl::IsResourceExhausted(commit.Wait()));
}

TEST(GroupCommitTest, AnswersWhoeverWaitsAtTheEnd) {
  RecordedStore store;
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
