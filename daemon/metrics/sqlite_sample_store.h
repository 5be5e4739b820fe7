#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "daemon/metrics/chunk_transposer.h"
#include "daemon/metrics/sample_file.h"
#include "daemon/metrics/sample_snapshot.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/series_index.h"
#include "daemon/metrics/target_registry.h"
#include "daemon/store/file_lock.h"

namespace grayling {

struct SqliteSampleStoreOptions {
  // From the first unsaved sample to its commit. The promise to the world is 1 s; the rest is for
  // the write itself.
  absl::Duration commit_interval = absl::Milliseconds(500);
  // Samples in memory that wait for a slow disk; beyond this Append refuses.
  size_t largest_backlog = 8'000'000;
  // How often rows are looked at for transposition into chunks; a target's are, once there are
  // `rows_per_chunk` of them or the first is older than `longest_as_rows`.
  absl::Duration transpose_interval = absl::Seconds(10);
  int64_t rows_per_chunk = 256;
  absl::Duration longest_as_rows = absl::Minutes(30);
  // For tests: the file's largest size in pages, asked before each commit; and the result of each
  // commit, told without a lock held.
  std::function<int64_t()> page_limit;
  std::function<void(const absl::Status&)> after_commit;
};

// Samples in one SQLite file of their own. Each batch is one compressed row; the rows of half a
// second share one synced transaction (WAL, synchronous=FULL). A second thread transposes rows into
// chunks of 64 series, each step in one transaction. When a commit fails, what was taken stays in
// memory, can be read, and is tried again every commit interval; new batches are refused with that
// error until a commit succeeds. Reads see one instant of the file and what is not yet in it.
// Holds '<path>.lock'. Thread-safe.
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
  // `visit` may call this store. While it runs the file's log grows with what others write.
  absl::Status Scan(absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(const SampleBatch&)> visit) override;
  absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector& selector) override;
  // As Scan. Decodes only the chunks and the rows that may hold `series`.
  absl::Status Read(absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) override;
  // Deletes whole rows and chunks, in short transactions. The file's space is used again.
  absl::Status Expire(absl::Time before, absl::Span<const TimeRange> kept) override;
  StoreFigures Figures() override;

  // Transposes everything that is on disk now, however little it is.
  absl::Status TransposeAll();

 private:
  struct Unsaved {
    int64_t sequence = 0;
    int64_t target = 0;
    int64_t first_ms = 0;
    int64_t last_ms = 0;
    SampleBatch batch;
  };
  // A list whose elements keep their buffers when it is emptied.
  struct UnsavedList {
    std::vector<Unsaved> slots;
    size_t count = 0;
  };
  // The file at one instant, and what is newer.
  struct View {
    std::unique_ptr<SampleSnapshot> snapshot;
    std::vector<SampleBatch> unsaved;
  };
  // Texts whose ids follow each other.
  struct NewTexts {
    size_t first_id = 0;
    std::vector<std::string> texts = {};
  };

  SqliteSampleStore(std::string path, SqliteSampleStoreOptions options, FileLock lock,
                    SampleFile writer);
  absl::Status Load();
  absl::Status LoadTargets() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteLoop();
  void WaitForWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Hurried() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteRound() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Commit(absl::Span<const Unsaved> batches, const NewTexts& series,
                      const NewTexts& targets) ABSL_LOCKS_EXCLUDED(mutex_, write_mutex_);
  absl::Status InsertTexts(const char* sql, const NewTexts& texts)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status InsertBatches(absl::Span<const Unsaved> batches)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::StatusOr<View> TakeView(int64_t from_ms, int64_t to_ms) ABSL_LOCKS_EXCLUDED(mutex_);

  void TransposeLoop();
  absl::Status TransposeDue(int64_t rows_wanted, absl::Time older_than)
      ABSL_LOCKS_EXCLUDED(mutex_, write_mutex_);
  absl::Status TransposeGroup(SampleSnapshot& snapshot, const std::vector<int64_t>& targets)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(maintenance_mutex_);
  absl::Status Replace(const Transposition& transposition) ABSL_LOCKS_EXCLUDED(write_mutex_);
  absl::Status DeleteExpired(const char* table, const char* key, int64_t before_ms,
                             absl::Span<const TimeRange> kept) ABSL_LOCKS_EXCLUDED(write_mutex_);
  bool Stopping() ABSL_LOCKS_EXCLUDED(mutex_);

  const std::string path_;
  const SqliteSampleStoreOptions options_;
  const FileLock lock_;

  // Held while rows are transposed or deleted.
  absl::Mutex maintenance_mutex_ ABSL_ACQUIRED_BEFORE(write_mutex_);
  ChunkTransposer transposer_ ABSL_GUARDED_BY(maintenance_mutex_);
  std::vector<int64_t> damaged_rows_ ABSL_GUARDED_BY(maintenance_mutex_);  // sorted

  // Held for one transaction.
  absl::Mutex write_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  const SampleFile writer_ ABSL_GUARDED_BY(write_mutex_);
  SampleCodec codec_ ABSL_GUARDED_BY(write_mutex_);

  absl::Mutex mutex_;
  SeriesIndex series_ ABSL_GUARDED_BY(mutex_);
  size_t saved_series_ ABSL_GUARDED_BY(mutex_) = 0;
  TargetRegistry targets_ ABSL_GUARDED_BY(mutex_);
  size_t saved_targets_ ABSL_GUARDED_BY(mutex_) = 0;
  UnsavedList pending_ ABSL_GUARDED_BY(mutex_);
  UnsavedList writing_ ABSL_GUARDED_BY(mutex_);  // only the writer changes it; others may read
  size_t backlog_ ABSL_GUARDED_BY(mutex_) = 0;   // samples in both
  int64_t next_sequence_ ABSL_GUARDED_BY(mutex_) = 1;
  int64_t saved_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time due_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Status error_ ABSL_GUARDED_BY(mutex_);  // of the last round
  uint64_t rounds_begun_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_done_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t rounds_wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread write_thread_;
  std::thread transpose_thread_;
};

}  // namespace grayling
