#include "daemon/load/load_recorder.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace grayling {
namespace {

using ::testing::ElementsAre;

class FakeStore final : public SampleStore {
 public:
  absl::StatusOr<SeriesId> Intern(absl::string_view series) override {
    ++interned;
    series_.emplace_back(series);
    return static_cast<SeriesId>(series_.size() - 1);
  }
  absl::StatusOr<std::string> Text(SeriesId id) override { return series_.at(id); }
  absl::StatusOr<std::vector<std::string>> ListSeries() override { return series_; }
  absl::Status Append(const SampleBatch& batch) override {
    if (full) return absl::ResourceExhaustedError("the disk is full");
    batches.push_back(batch);
    return absl::OkStatus();
  }
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status Scan(absl::Time, absl::Time,
                    absl::FunctionRef<absl::Status(const SampleBatch&)>) override {
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector&) override {
    return std::vector<SeriesId>();
  }
  absl::Status Read(absl::Span<const SeriesId>, absl::Time, absl::Time,
                    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)>) override {
    return absl::OkStatus();
  }
  absl::Status Expire(absl::Time, absl::Span<const TimeRange>) override { return absl::OkStatus(); }
  StoreFigures Figures() override { return {}; }

  int interned = 0;
  bool full = false;
  std::vector<SampleBatch> batches;

 private:
  std::vector<std::string> series_;
};

struct CountingListener final : BatchListener {
  void OnBatch(const SampleBatch& batch) override { times.push_back(batch.time_ms); }
  std::vector<int64_t> times;
};

const std::vector<LoadSample> kReport = {{"client_users", 5.0}, {"client_requests_total", 12.0}};

TEST(LoadRecorderTest, AppendsOneBatchOfTheTargetLoad) {
  FakeStore store;
  LoadRecorder recorder(store, {});
  recorder.Record(absl::FromUnixSeconds(100), kReport);
  ASSERT_EQ(store.batches.size(), 1);
  EXPECT_EQ(store.batches[0].target, "load");
  EXPECT_EQ(store.batches[0].time_ms, 100'000);
  EXPECT_THAT(store.batches[0].series, ElementsAre(0, 1));
  EXPECT_THAT(store.batches[0].values, ElementsAre(5.0, 12.0));
  EXPECT_EQ(store.Text(1).value(), "client_requests_total");
}

TEST(LoadRecorderTest, InternsASeriesOnce) {
  FakeStore store;
  LoadRecorder recorder(store, {});
  recorder.Record(absl::FromUnixSeconds(100), kReport);
  recorder.Record(absl::FromUnixSeconds(101), kReport);
  EXPECT_EQ(store.interned, 2);
  EXPECT_THAT(store.batches[1].series, ElementsAre(0, 1));
}

TEST(LoadRecorderTest, TellsListenersOnlyOfWhatTheStoreTook) {
  FakeStore store;
  CountingListener listener;
  LoadRecorder recorder(store, {&listener});
  recorder.Record(absl::FromUnixSeconds(1), kReport);
  store.full = true;
  recorder.Record(absl::FromUnixSeconds(2), kReport);
  store.full = false;
  recorder.Record(absl::FromUnixSeconds(3), kReport);
  EXPECT_THAT(listener.times, ElementsAre(1000, 3000));
  EXPECT_EQ(recorder.lost_batches(), 1);
}

}  // namespace
}  // namespace grayling
