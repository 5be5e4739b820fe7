#pragma once

#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "daemon/metrics/read_by_scanning.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Keeps everything in memory; Append fails with `refusal` while that is an error. Thread-safe.
class MemorySampleStore final : public SampleStore {
 public:
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
    if (id >= texts_.size()) return absl::NotFoundError("no such series");
    return texts_[id];
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
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector& selector) override {
    std::vector<SeriesId> ids;
    const std::vector<std::string> texts = *ListSeries();
    for (size_t id = 0; id < texts.size(); ++id) {
      if (selector.Takes(texts[id])) ids.push_back(static_cast<SeriesId>(id));
    }
    return ids;
  }
  absl::Status Read(
      absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
      absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) override {
    return ReadByScanning(*this, series, from, to, visit);
  }
  absl::Status Expire(absl::Time, absl::Span<const TimeRange>) override {
    return absl::UnimplementedError("keeps everything");
  }
  StoreFigures Figures() override { return {}; }
  absl::Status Scan(absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(const SampleBatch&)> visit) override {
    for (const SampleBatch& batch : Batches()) {
      const absl::Time time = absl::FromUnixMillis(batch.time_ms);
      if (time < from || time >= to) continue;
      if (absl::Status status = visit(batch); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::vector<SampleBatch> Batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }
  size_t interned() {
    absl::MutexLock lock(&mutex_);
    return interned_;
  }
  void Refuse(absl::Status refusal) {
    absl::MutexLock lock(&mutex_);
    refusal_ = std::move(refusal);
  }
  // The value of a series in a batch, by its text; -1 when it is not there.
  double ValueIn(const SampleBatch& batch, absl::string_view series) {
    for (size_t i = 0; i < batch.series.size(); ++i) {
      if (*Text(batch.series[i]) == series) return batch.values[i];
    }
    return -1;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mutex_);
  std::vector<SampleBatch> batches_ ABSL_GUARDED_BY(mutex_);
  size_t interned_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
