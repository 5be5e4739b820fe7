#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/store/file_lock.h"

struct sqlite3;

namespace grayling {

struct SampleSpoolOptions {
  // From the first unsaved sample to its synced commit; the promise to the world is 1 s.
  absl::Duration commit_interval = absl::Milliseconds(500);
  // Of all samples kept, saved or not; beyond this Append refuses. A sample takes 12 bytes, or 20
  // when its batch has an instant for each sample.
  uint64_t largest_bytes = uint64_t{4} << 30;
};

// Samples that another server has not yet answered for, and the ids of all series: one SQLite file
// (WAL, synchronous=FULL). Each batch is one row; the rows of half a second share one commit by the
// one writer thread. When a commit fails, what was taken stays in memory and is tried again; new
// batches are refused with that error until a commit succeeds. Holds '<path>.lock'. Thread-safe.
class SampleSpool {
 public:
  // Of consecutive rows: parallel columns, in the order written.
  struct Rows {
    int64_t last_sequence = 0;  // 0 when there are none
    std::vector<SeriesId> series;
    std::vector<int64_t> times_ms;
    std::vector<double> values;
  };
  using VisitSample = absl::FunctionRef<void(SeriesId, int64_t time_ms, double value)>;

  // UNAVAILABLE when another process has the file, RESOURCE_EXHAUSTED when the disk is full.
  static absl::StatusOr<std::unique_ptr<SampleSpool>> Open(const std::string& path,
                                                           SampleSpoolOptions options = {});
  // Saves what is left.
  ~SampleSpool();

  // As SampleStore says.
  absl::StatusOr<SeriesId> Intern(absl::string_view series);
  absl::StatusOr<std::string> Text(SeriesId id);
  // The id of a series that was interned before.
  std::optional<SeriesId> Find(absl::string_view series);
  std::vector<std::string> ListSeries();
  std::vector<SeriesId> Select(const SeriesSelector& selector);
  absl::Status Append(const SampleBatch& batch);
  absl::Status Flush();
  StoreFigures Figures();

  // Replaces `rows` by saved ones after `sequence`, until they have `samples` samples or none is
  // left. Waits until `deadline` for the first.
  absl::Status NextSaved(int64_t sequence, size_t samples, absl::Time deadline, Rows& rows);
  // Of the newest saved row.
  int64_t SavedSequence();
  // The rows up to `sequence` are no longer needed; they go with the next commit.
  void Forget(int64_t sequence);
  // Every sample kept with from_ms <= time < to_ms, saved or not, in the order written.
  absl::Status Visit(int64_t from_ms, int64_t to_ms, VisitSample visit);
  // Part of the sentence that refuses samples when the spool is full: why it does not empty.
  void ExplainWaiting(std::string why);

 private:
  struct Batch {
    int64_t sequence = 0;
    int64_t from_ms = 0;
    int64_t to_ms = 0;  // inclusive
    size_t samples = 0;
    std::string blob;
  };
  struct CloseConnection {
    void operator()(sqlite3* db) const;
  };
  using Connection = std::unique_ptr<sqlite3, CloseConnection>;

  SampleSpool(std::string path, SampleSpoolOptions options, FileLock lock, Connection writer);
  absl::Status Load();
  void WriteLoop();
  void WaitForWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool Hurried() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void WriteRound() ABSL_LOCKS_EXCLUDED(mutex_);
  // `freed` gets the bytes of the rows that were removed.
  absl::Status Commit(const std::vector<std::shared_ptr<const Batch>>& batches,
                      const std::vector<const std::string*>& new_series, size_t first_new_id,
                      int64_t forget, uint64_t& freed);
  std::string FullSentence() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const SampleSpoolOptions options_;
  const FileLock lock_;
  const Connection writer_;  // of the writer thread, once it runs

  absl::Mutex mutex_;
  std::deque<std::string> texts_ ABSL_GUARDED_BY(mutex_);  // by id; addresses stay
  absl::flat_hash_map<absl::string_view, SeriesId> ids_ ABSL_GUARDED_BY(mutex_);
  size_t saved_series_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<std::shared_ptr<const Batch>> unsaved_ ABSL_GUARDED_BY(mutex_);
  size_t unsaved_samples_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // of all blobs
  int64_t next_sequence_ ABSL_GUARDED_BY(mutex_) = 1;
  int64_t saved_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t forget_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t forgotten_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  absl::Time due_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Status error_ ABSL_GUARDED_BY(mutex_);  // of the last round
  uint64_t rounds_begun_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_done_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace grayling
