#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/ingest/group_commit.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// The one door for samples that others push to the daemon: remote write, the ingest stream, Kafka.
// Thread-safe.
class SampleIntake {
 public:
  // `store` and `listeners` must outlive it.
  SampleIntake(SampleStore& store, std::vector<BatchListener*> listeners,
               absl::Duration commit_pause = absl::Milliseconds(20))
      : store_(store), listeners_(std::move(listeners)), commit_(store, commit_pause) {}

  // Appends the batch, whole or not at all, and tells the listeners. Not durable yet. Errors are
  // the store's.
  absl::Status Take(const SampleBatch& batch);

  // When everything taken so far is on disk.
  absl::Status WaitDurable() { return commit_.Wait(); }
  void NotifyDurable(std::function<void(const absl::Status&)> done) {
    commit_.Notify(std::move(done));
  }

  SampleStore& store() { return store_; }

 private:
  SampleStore& store_;
  const std::vector<BatchListener*> listeners_;
  GroupCommit commit_;
};

// Whether a sample may be of this time, Unix milliseconds: in the years 1970 to 9999.
bool IsRecordable(int64_t time_ms);

// Drops `times_ms` when all samples are of one instant, which becomes `time_ms`; else `time_ms` is
// the earliest. For a batch that was filled with one instant per sample.
void SettleInstants(SampleBatch& batch);

}  // namespace grayling
