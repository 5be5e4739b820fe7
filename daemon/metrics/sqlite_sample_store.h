#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/store/file_lock.h"

struct sqlite3;

namespace grayling {

struct SqliteSampleStoreOptions {
  // From the first unsaved sample to its commit. The promise to the world is 1 s; the rest is for
  // the write itself.
  absl::Duration commit_interval = absl::Milliseconds(500);
  // Samples in memory that wait for a slow disk; beyond this Append refuses.
  size_t largest_backlog = 8'000'000;
  // For tests: the file's largest size in pages, asked before each commit; and the result of each
  // commit, told without a lock held.
  std::function<int64_t()> page_limit;
  std::function<void(const absl::Status&)> after_commit;
};

// Samples in one SQLite file of their own: each batch is one compressed row, the rows of half a
// second share one synced transaction (WAL, synchronous=FULL). One writer thread. When a commit
// fails, what was taken stays in memory, can be read, and is tried again every commit interval; new
// batches are refused with that error until a commit succeeds. Holds '<path>.lock'. Thread-safe.
class SqliteSampleStore final : public SampleStore {
 public:
  // UNAVAILABLE when another process has the file, RESOURCE_EXHAUSTED when the disk is full.
  static absl::StatusOr<std::unique_ptr<SqliteSampleStore>> Open(
      const std::string& path, SqliteSampleStoreOptions options = {});
  // Saves what is left.
  ~SqliteSampleStore() override;

  absl::StatusOr<SeriesId> Intern(absl::string_view series) override;
  absl::StatusOr<std::string> Text(SeriesId id) override;
  absl::StatusOr<std::vector<std::string>> ListSeries() override;
  absl::Status Append(const SampleBatch& batch) override;
  absl::Status Flush() override;
  // Reads in short steps, so that a slow `visit` blocks nobody; `visit` may call this store.
  absl::Status Scan(absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(const SampleBatch&)> visit) override;
  absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector& selector) override;
  absl::Status Read(absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) override;
  absl::Status Expire(absl::Time before, absl::Span<const TimeRange> kept) override;
  StoreFigures Figures() override;

 private:
  struct Unsaved {
    int64_t sequence = 0;
    SampleBatch batch;
  };
  // A list whose elements keep their buffers when it is emptied.
  struct UnsavedList {
    std::vector<Unsaved> slots;
    size_t count = 0;
  };
  struct CloseConnection {
    void operator()(sqlite3* db) const;
  };
  using Connection = std::unique_ptr<sqlite3, CloseConnection>;

  SqliteSampleStore(std::string path, SqliteSampleStoreOptions options, FileLock lock,
                    Connection writer);
  absl::Status Load();
  void WriteLoop();
  void WaitForWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Hurried() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteRound() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Commit(absl::Span<const Unsaved> batches,
                      absl::Span<const std::string* const> new_series, size_t first_new_id);
  std::vector<Unsaved> CopyUnsaved(int64_t from_ms, int64_t to_ms, int64_t& first_unsaved)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string path_;
  const SqliteSampleStoreOptions options_;
  const FileLock lock_;
  const Connection writer_;  // of the writer thread, once it runs

  absl::Mutex mutex_;
  std::deque<std::string> texts_ ABSL_GUARDED_BY(mutex_);  // by id; addresses stay
  absl::flat_hash_map<absl::string_view, SeriesId> ids_ ABSL_GUARDED_BY(mutex_);
  size_t saved_series_ ABSL_GUARDED_BY(mutex_) = 0;
  UnsavedList pending_ ABSL_GUARDED_BY(mutex_);
  UnsavedList writing_ ABSL_GUARDED_BY(mutex_);  // only the writer changes it; others may read
  size_t backlog_ ABSL_GUARDED_BY(mutex_) = 0;   // samples in both
  int64_t next_sequence_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::Time due_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Status error_ ABSL_GUARDED_BY(mutex_);  // of the last round
  uint64_t rounds_begun_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_done_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace grayling
