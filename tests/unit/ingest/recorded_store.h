#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Keeps batches in memory, counts commits and notes what was to expire. Thread-safe.
class RecordedStore final : public SampleStore {
 public:
  struct Sample {
    std::string series;
    int64_t time_ms = 0;
    double value = 0;
  };
  struct Expiry {
    absl::Time before;
    std::vector<TimeRange> kept;
  };

  absl::StatusOr<SeriesId> Intern(absl::string_view series) override {
    absl::MutexLock lock(&mutex_);
    ++interned_;
    for (size_t id = 0; id < texts_.size(); ++id) {
      if (texts_[id] == series) return static_cast<SeriesId>(id);
    }
    texts_.emplace_back(series);
    return static_cast<SeriesId>(texts_.size() - 1);
  }
  absl::StatusOr<std::string> Text(SeriesId id) override {
    absl::MutexLock lock(&mutex_);
    return texts_.at(id);
  }
  absl::StatusOr<std::vector<std::string>> ListSeries() override {
    absl::MutexLock lock(&mutex_);
    return texts_;
  }
  absl::Status Append(const SampleBatch& batch) override {
    absl::MutexLock lock(&mutex_);
    if (refusal_.ok()) batches_.push_back(batch);
    return refusal_;
  }
  absl::Status Flush() override {
    absl::MutexLock lock(&mutex_);
    const auto may_commit = [this] { return !held_; };
    mutex_.Await(absl::Condition(&may_commit));
    ++commits_;
    return commit_error_;
  }
  absl::Status Scan(absl::Time, absl::Time,
                    absl::FunctionRef<absl::Status(const SampleBatch&)>) override {
    return absl::UnimplementedError("read Samples()");
  }
  absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector&) override {
    return absl::UnimplementedError("read Samples()");
  }
  absl::Status Read(absl::Span<const SeriesId>, absl::Time, absl::Time,
                    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)>) override {
    return absl::UnimplementedError("read Samples()");
  }
  absl::Status Expire(absl::Time before, absl::Span<const TimeRange> kept) override {
    absl::MutexLock lock(&mutex_);
    expiries_.push_back({before, {kept.begin(), kept.end()}});
    return absl::OkStatus();
  }
  StoreFigures Figures() override { return {}; }

  // In the order taken.
  std::vector<Sample> Samples() {
    absl::MutexLock lock(&mutex_);
    std::vector<Sample> samples;
    for (const SampleBatch& batch : batches_) {
      for (size_t i = 0; i < batch.series.size(); ++i) {
        samples.push_back({texts_[batch.series[i]], batch.TimeOf(i), batch.values[i]});
      }
    }
    return samples;
  }
  std::vector<SampleBatch> Batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }
  std::vector<Expiry> Expiries() {
    absl::MutexLock lock(&mutex_);
    return expiries_;
  }
  int commits() {
    absl::MutexLock lock(&mutex_);
    return commits_;
  }
  int interned() {
    absl::MutexLock lock(&mutex_);
    return interned_;
  }
  void Refuse(absl::Status refusal) {
    absl::MutexLock lock(&mutex_);
    refusal_ = std::move(refusal);
  }
  void FailCommits(absl::Status error) {
    absl::MutexLock lock(&mutex_);
    commit_error_ = std::move(error);
  }
  // While true no commit ends.
  void HoldCommits(bool held) {
    absl::MutexLock lock(&mutex_);
    held_ = held;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mutex_);
  std::vector<SampleBatch> batches_ ABSL_GUARDED_BY(mutex_);
  std::vector<Expiry> expiries_ ABSL_GUARDED_BY(mutex_);
  int commits_ ABSL_GUARDED_BY(mutex_) = 0;
  int interned_ ABSL_GUARDED_BY(mutex_) = 0;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);
  absl::Status commit_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
