#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_store.h"

struct sqlite3;

namespace grayling {

// The SQLite file of the embedded sample store. Committed batches lie as rows in `recent` until
// they are transposed into `chunks`. Every row and chunk knows the sequence number of its newest
// batch; of two samples of one series and instant the one with the higher number counts.
inline constexpr SeriesId kSeriesPerChunk = 64;  // chunk b has series of [64 b, 64 b + 64)
// No chunk reaches over a multiple of this.
inline constexpr int64_t kChunkWindowMs = 2 * 3600 * 1000;

// The multiple of kChunkWindowMs that is not after `time_ms`.
int64_t ChunkWindowOf(int64_t time_ms);
// The first whole millisecond that is not before `time`.
int64_t CeilMillis(absl::Time time);

// The first and the last instant of a batch.
std::pair<int64_t, int64_t> SpanOf(const SampleBatch& batch);

// A connection that is closed at the end.
class SampleFile {
 public:
  // Brings the schema up to date.
  static absl::StatusOr<SampleFile> Open(const std::string& path);
  // For a file whose schema is up to date.
  static absl::StatusOr<SampleFile> OpenReader(const std::string& path);

  sqlite3* db() const { return db_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* db) const;
  };
  explicit SampleFile(sqlite3* db) : db_(db) {}

  std::unique_ptr<sqlite3, Close> db_;
};

// Runs `body` in one transaction of `db`; rolls back when it returns an error.
template <typename Body>
absl::Status InTransaction(sqlite3* db, const Body& body);

absl::Status BeginTransaction(sqlite3* db);
// Commits when `status` is OK, else rolls back. The first error.
absl::Status EndTransaction(sqlite3* db, absl::Status status);

template <typename Body>
absl::Status InTransaction(sqlite3* db, const Body& body) {
  absl::Status begun = BeginTransaction(db);
  return begun.ok() ? EndTransaction(db, body()) : begun;
}

}  // namespace grayling
