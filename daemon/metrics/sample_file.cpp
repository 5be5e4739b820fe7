#include "daemon/metrics/sample_file.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/status_macros.h"
#include "daemon/store/database.h"
#include "daemon/store/migrations.h"

namespace grayling {
namespace {

constexpr const char* kMigrations[] = {
    // 1: series, and batches as rows
    R"(
CREATE TABLE series (
  id   INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
);
CREATE TABLE batches (
  sequence INTEGER PRIMARY KEY,
  time_ms  INTEGER NOT NULL,
  target   TEXT NOT NULL,
  blob     BLOB NOT NULL
);
CREATE INDEX batches_by_time ON batches (time_ms);
)",
    // 2: rows know their span, and are transposed into chunks; the program sees to it that a
    // series' text is there once
    R"(
ALTER TABLE series RENAME TO checked_series;
CREATE TABLE series (
  id   INTEGER PRIMARY KEY,
  text TEXT NOT NULL
);
INSERT INTO series SELECT id, text FROM checked_series ORDER BY id;
DROP TABLE checked_series;
CREATE TABLE targets (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
INSERT INTO targets (id, name)
  SELECT row_number() OVER (ORDER BY target) - 1, target FROM (SELECT DISTINCT target FROM batches);
CREATE TABLE recent (
  sequence INTEGER PRIMARY KEY,
  target   INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms  INTEGER NOT NULL,
  samples  INTEGER NOT NULL,
  blob     BLOB NOT NULL
);
INSERT INTO recent (sequence, target, first_ms, last_ms, samples, blob)
  SELECT sequence, id, time_ms, time_ms, length(blob), blob
  FROM batches JOIN targets ON name = target ORDER BY sequence;
DROP TABLE batches;
CREATE INDEX recent_by_target ON recent (target, first_ms, last_ms, samples);
CREATE TABLE chunks (
  id       INTEGER PRIMARY KEY,
  bucket   INTEGER NOT NULL,
  newest   INTEGER NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms  INTEGER NOT NULL,
  samples  INTEGER NOT NULL,
  blob     BLOB NOT NULL
);
CREATE INDEX chunks_by_bucket ON chunks (bucket, first_ms, last_ms, newest, samples);
CREATE INDEX chunks_by_time ON chunks (first_ms, last_ms, newest, samples);
CREATE TABLE progress (
  id            INTEGER PRIMARY KEY CHECK (id = 0),
  last_sequence INTEGER NOT NULL
);
INSERT INTO progress SELECT 0, coalesce(max(sequence), 0) FROM recent;
)",
};

}  // namespace

int64_t ChunkWindowOf(int64_t time_ms) {
  const int64_t rest = time_ms % kChunkWindowMs;
  const int64_t into = rest < 0 ? rest + kChunkWindowMs : rest;
  return time_ms < INT64_MIN + into ? INT64_MIN : time_ms - into;
}

int64_t CeilMillis(absl::Time time) {
  const int64_t floor_ms = absl::ToUnixMillis(time);
  return absl::FromUnixMillis(floor_ms) < time && time != absl::InfiniteFuture() ? floor_ms + 1
                                                                                 : floor_ms;
}

std::pair<int64_t, int64_t> SpanOf(const SampleBatch& batch) {
  if (batch.times_ms.empty()) return {batch.time_ms, batch.time_ms};
  const auto [first, last] = std::minmax_element(batch.times_ms.begin(), batch.times_ms.end());
  return {*first, *last};
}

void SampleFile::Close::operator()(sqlite3* db) const { sqlite3_close(db); }

absl::StatusOr<SampleFile> SampleFile::Open(const std::string& path) {
  GRAYLING_ASSIGN_OR_RETURN(SampleFile file, OpenReader(path));
  GRAYLING_RETURN_IF_ERROR(Migrate(file.db(), kMigrations));
  // Debian's SQLite overwrites what is deleted, which would write every sample once more.
  GRAYLING_RETURN_IF_ERROR(Statement(file.db(), "PRAGMA secure_delete=OFF").Execute());
  return file;
}

absl::StatusOr<SampleFile> SampleFile::OpenReader(const std::string& path) {
  GRAYLING_ASSIGN_OR_RETURN(sqlite3* const db, OpenConnection(path));
  return SampleFile(db);
}

absl::Status BeginTransaction(sqlite3* db) { return Statement(db, "BEGIN IMMEDIATE").Execute(); }

absl::Status EndTransaction(sqlite3* db, absl::Status status) {
  if (status.ok()) status = Statement(db, "COMMIT").Execute();
  // SQLite may have rolled back by itself (disk full): then there is nothing left to undo.
  if (!status.ok() && sqlite3_get_autocommit(db) == 0) {
    Statement(db, "ROLLBACK").Execute().IgnoreError();
  }
  return status;
}

}  // namespace grayling
