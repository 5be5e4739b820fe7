#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// A SampleStore in memory: the slow and obvious reading of sample_store.h, exact in everything
// (Expire too). Append fails with `Refuse`'s status while that is an error, Flush with
// `FailCommits`'s. Thread-safe.
class MemorySampleStore final : public SampleStore {
 public:
  absl::StatusOr<SeriesId> Intern(absl::string_view series) override {
    absl::MutexLock lock(&mutex_);
    ++interned_;
    const auto [found, fresh] =
        ids_.emplace(std::string(series), static_cast<SeriesId>(texts_.size()));
    if (fresh) texts_.emplace_back(series);
    return found->second;
  }
  absl::StatusOr<std::string> Text(SeriesId id) override {
    absl::MutexLock lock(&mutex_);
    if (id >= texts_.size()) return NoSuchSeries(id);
    return texts_[id];
  }
  absl::StatusOr<std::vector<std::string>> ListSeries() override {
    absl::MutexLock lock(&mutex_);
    return texts_;
  }

  absl::Status Append(const SampleBatch& batch) override {
    const size_t count = batch.series.size();
    if (batch.values.size() != count ||
        (!batch.times_ms.empty() && batch.times_ms.size() != count)) {
      return absl::InvalidArgumentError("the columns of a batch differ in length");
    }
    absl::MutexLock lock(&mutex_);
    for (const SeriesId id : batch.series) {
      if (id >= texts_.size()) {
        return absl::InvalidArgumentError(absl::StrCat("series id ", id, " was never given out"));
      }
    }
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

  absl::Status Scan(absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(const SampleBatch&)> visit) override {
    std::multimap<int64_t, SampleBatch> instants;  // equal keys stay in the order inserted
    for (const SampleBatch& batch : Batches()) {
      std::map<int64_t, SampleBatch> split;
      for (size_t i = 0; i < batch.series.size(); ++i) {
        const int64_t time_ms = batch.TimeOf(i);
        const absl::Time time = absl::FromUnixMillis(time_ms);
        if (time < from || time >= to) continue;
        SampleBatch& part = split[time_ms];
        part.target = batch.target;
        part.time_ms = time_ms;
        part.series.push_back(batch.series[i]);
        part.values.push_back(batch.values[i]);
      }
      instants.insert(std::make_move_iterator(split.begin()), std::make_move_iterator(split.end()));
    }
    for (const auto& [time_ms, batch] : instants) {
      if (absl::Status status = visit(batch); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector& selector) override {
    std::vector<SeriesId> ids;
    absl::MutexLock lock(&mutex_);
    for (size_t id = 0; id < texts_.size(); ++id) {
      if (selector.Takes(texts_[id])) ids.push_back(static_cast<SeriesId>(id));
    }
    return ids;
  }

  absl::Status Read(
      absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
      absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) override {
    std::map<SeriesId, std::map<int64_t, double>> samples;
    for (const SeriesId id : series) {
      if (absl::StatusOr<std::string> text = Text(id); !text.ok()) return text.status();
    }
    const absl::Status scanned = Scan(from, to, [&samples](const SampleBatch& batch) {
      for (size_t i = 0; i < batch.series.size(); ++i) {
        samples[batch.series[i]][batch.time_ms] = batch.values[i];
      }
      return absl::OkStatus();
    });
    if (!scanned.ok()) return scanned;
    for (const SeriesId id : series) {
      std::vector<int64_t> times_ms;
      std::vector<double> values;
      for (const auto& [time_ms, value] : samples[id]) {
        times_ms.push_back(time_ms);
        values.push_back(value);
      }
      if (times_ms.empty()) continue;
      if (absl::Status status = visit(id, {times_ms, values}); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status Expire(absl::Time before, absl::Span<const TimeRange> kept) override {
    const auto expired = [&](int64_t time_ms) {
      const absl::Time time = absl::FromUnixMillis(time_ms);
      return time < before &&
             std::none_of(kept.begin(), kept.end(), [time](const TimeRange& range) {
               return range.begin <= time && time < range.end;
             });
    };
    absl::MutexLock lock(&mutex_);
    std::vector<SampleBatch> left;
    for (const SampleBatch& batch : batches_) {
      SampleBatch rest{batch.target, batch.time_ms, {}, {}};
      for (size_t i = 0; i < batch.series.size(); ++i) {
        if (expired(batch.TimeOf(i))) continue;
        rest.series.push_back(batch.series[i]);
        rest.values.push_back(batch.values[i]);
        if (!batch.times_ms.empty()) rest.times_ms.push_back(batch.times_ms[i]);
      }
      if (!rest.series.empty()) left.push_back(std::move(rest));
    }
    batches_ = std::move(left);
    return absl::OkStatus();
  }

  StoreFigures Figures() override {
    absl::MutexLock lock(&mutex_);
    return {texts_.size(), 0, 0, std::string(refusal_.message())};
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
  // What was appended, as it was appended.
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
  void FailCommits(absl::Status error) {
    absl::MutexLock lock(&mutex_);
    commit_error_ = std::move(error);
  }
  // While true no commit ends.
  void HoldCommits(bool held) {
    absl::MutexLock lock(&mutex_);
    held_ = held;
  }
  int commits() {
    absl::MutexLock lock(&mutex_);
    return commits_;
  }
  struct Sample {
    std::string series;
    int64_t time_ms = 0;
    double value = 0;
  };
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
  // The value of a series in a batch, by its text; -1 when it is not there.
  double ValueIn(const SampleBatch& batch, absl::string_view series) {
    for (size_t i = 0; i < batch.series.size(); ++i) {
      if (*Text(batch.series[i]) == series) return batch.values[i];
    }
    return -1;
  }

 private:
  static absl::Status NoSuchSeries(SeriesId id) {
    return absl::NotFoundError(absl::StrCat("there is no series with id ", id));
  }

  absl::Mutex mutex_;
  std::vector<std::string> texts_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, SeriesId> ids_ ABSL_GUARDED_BY(mutex_);
  std::vector<SampleBatch> batches_ ABSL_GUARDED_BY(mutex_);
  size_t interned_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);
  int commits_ ABSL_GUARDED_BY(mutex_) = 0;
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status commit_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
