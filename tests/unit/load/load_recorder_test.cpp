#include "daemon/load/load_recorder.h"

#include <gmock/gmock.h>

#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;

struct CountingListener final : BatchListener {
  void OnBatch(const SampleBatch& batch) override { times.push_back(batch.time_ms); }
  std::vector<int64_t> times;
};

const std::vector<LoadSample> kReport = {{"client_users", 5.0}, {"client_requests_total", 12.0}};

TEST(LoadRecorderTest, AppendsOneBatchOfTheTargetLoad) {
  MemorySampleStore store;
  LoadRecorder recorder(store, {});
  recorder.Record(absl::FromUnixSeconds(100), kReport);
  ASSERT_EQ(store.Batches().size(), 1);
  EXPECT_EQ(store.Batches()[0].target, "load");
  EXPECT_EQ(store.Batches()[0].time_ms, 100'000);
  EXPECT_THAT(store.Batches()[0].series, ElementsAre(0, 1));
  EXPECT_THAT(store.Batches()[0].values, ElementsAre(5.0, 12.0));
  EXPECT_EQ(store.Text(1).value(), "client_requests_total");
}

TEST(LoadRecorderTest, InternsASeriesOnce) {
  MemorySampleStore store;
  LoadRecorder recorder(store, {});
  recorder.Record(absl::FromUnixSeconds(100), kReport);
  recorder.Record(absl::FromUnixSeconds(101), kReport);
  EXPECT_EQ(store.interned(), 2);
  EXPECT_THAT(store.Batches()[1].series, ElementsAre(0, 1));
}

TEST(LoadRecorderTest, TellsListenersOnlyOfWhatTheStoreTook) {
  MemorySampleStore store;
  CountingListener listener;
  LoadRecorder recorder(store, {&listener});
  recorder.Record(absl::FromUnixSeconds(1), kReport);
  store.Refuse(absl::ResourceExhaustedError("the disk is full"));
  recorder.Record(absl::FromUnixSeconds(2), kReport);
  store.Refuse(absl::OkStatus());
  recorder.Record(absl::FromUnixSeconds(3), kReport);
  EXPECT_THAT(listener.times, ElementsAre(1000, 3000));
  EXPECT_EQ(recorder.lost_batches(), 1);
}

}  // namespace
}  // namespace grayling
