#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "daemon/metrics/read_by_scanning.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// A SampleStore in memory, for one thread that writes before others read.
class MemorySampleStore final : public SampleStore {
 public:
  absl::StatusOr<SeriesId> Intern(absl::string_view series) override {
    const auto found = std::find(texts_.begin(), texts_.end(), series);
    if (found == texts_.end()) texts_.emplace_back(series);
    return static_cast<SeriesId>(std::find(texts_.begin(), texts_.end(), series) - texts_.begin());
  }
  absl::StatusOr<std::string> Text(SeriesId id) override {
    if (id >= texts_.size()) return absl::NotFoundError(absl::StrCat("no series ", id));
    return texts_[id];
  }
  absl::StatusOr<std::vector<std::string>> ListSeries() override { return texts_; }
  absl::Status Append(const SampleBatch& batch) override {
    batches_.push_back(batch);
    std::stable_sort(
        batches_.begin(), batches_.end(),
        [](const SampleBatch& a, const SampleBatch& b) { return a.time_ms < b.time_ms; });
    return absl::OkStatus();
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
    for (const SampleBatch& batch : batches_) {
      const absl::Time time = absl::FromUnixMillis(batch.time_ms);
      if (time < from || time >= to) continue;
      const absl::Status status = visit(batch);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // One batch from series texts and values.
  SampleBatch Batch(int64_t time_ms, const std::vector<std::pair<std::string, double>>& samples) {
    SampleBatch batch{"test", time_ms, {}, {}};
    for (const auto& [series, value] : samples) {
      batch.series.push_back(*Intern(series));
      batch.values.push_back(value);
    }
    return batch;
  }

 private:
  std::vector<std::string> texts_;
  std::vector<SampleBatch> batches_;
};

}  // namespace grayling
