#include "daemon/metrics/sqlite_sample_store.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "daemon/metrics/read_by_scanning.h"
#include "daemon/metrics/sample_codec.h"
#include "daemon/store/database.h"
#include "daemon/store/migrations.h"

namespace grayling {
namespace {

constexpr int kRowsPerStep = 256;

constexpr const char* kMigrations[] = {
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
};

struct StoredBatch {
  int64_t sequence = 0;
  int64_t time_ms = 0;
  std::string target;
  std::string blob;
};

// Replaces `rows` by the next ones of a scan in (time, sequence) order, after `last`.
absl::Status NextRows(Statement& select, const StoredBatch& last, int64_t to_ms,
                      int64_t before_sequence, std::vector<StoredBatch>& rows) {
  rows.clear();
  select.Bind(last.time_ms).Bind(last.sequence).Bind(to_ms).Bind(before_sequence);
  return select.Bind(kRowsPerStep).Execute([&](const Statement& row) {
    rows.push_back({row.Integer(0), row.Integer(1), row.Text(2), row.Text(3)});
  });
}

// The first whole millisecond that is not before `time`.
int64_t CeilMillis(absl::Time time) {
  const int64_t floor_ms = absl::ToUnixMillis(time);
  return absl::FromUnixMillis(floor_ms) < time && time != absl::InfiniteFuture() ? floor_ms + 1
                                                                                 : floor_ms;
}

}  // namespace

void SqliteSampleStore::CloseConnection::operator()(sqlite3* db) const { sqlite3_close(db); }

absl::StatusOr<std::unique_ptr<SqliteSampleStore>> SqliteSampleStore::Open(
    const std::string& path, SqliteSampleStoreOptions options) {
  GRAYLING_ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(absl::StrCat(path, ".lock")));
  GRAYLING_ASSIGN_OR_RETURN(sqlite3* const db, OpenConnection(path));
  Connection writer(db);
  GRAYLING_RETURN_IF_ERROR(Migrate(db, kMigrations));
  std::unique_ptr<SqliteSampleStore> store(
      new SqliteSampleStore(path, std::move(options), std::move(lock), std::move(writer)));
  GRAYLING_RETURN_IF_ERROR(store->Load());
  store->thread_ = std::thread([raw = store.get()] { raw->WriteLoop(); });
  return store;
}

SqliteSampleStore::SqliteSampleStore(std::string path, SqliteSampleStoreOptions options,
                                     FileLock lock, Connection writer)
    : path_(std::move(path)),
      options_(std::move(options)),
      lock_(std::move(lock)),
      writer_(std::move(writer)) {}

SqliteSampleStore::~SqliteSampleStore() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status SqliteSampleStore::Load() {
  absl::MutexLock lock(&mutex_);
  absl::Status status;
  GRAYLING_RETURN_IF_ERROR(
      Statement(writer_.get(), "SELECT id, text FROM series ORDER BY id")
          .Execute([&](const Statement& row) {
            mutex_.AssertHeld();
            if (static_cast<size_t>(row.Integer(0)) != texts_.size()) {
              status = absl::DataLossError(absl::StrCat("series ", texts_.size(), " is missing in ",
                                                        path_, "; restore it from a copy"));
            }
            texts_.push_back(row.Text(1));
            ids_.emplace(texts_.back(), static_cast<SeriesId>(texts_.size() - 1));
          }));
  GRAYLING_RETURN_IF_ERROR(status);
  saved_series_ = texts_.size();
  return Statement(writer_.get(), "SELECT coalesce(max(sequence), 0) + 1 FROM batches")
      .Execute([&](const Statement& row) {
        mutex_.AssertHeld();
        next_sequence_ = row.Integer(0);
      });
}

absl::StatusOr<SeriesId> SqliteSampleStore::Intern(absl::string_view series) {
  absl::MutexLock lock(&mutex_);
  const auto found = ids_.find(series);
  if (found != ids_.end()) return found->second;
  if (texts_.size() >= std::numeric_limits<SeriesId>::max()) {
    return absl::ResourceExhaustedError("the sample store is full of series; start a new one");
  }
  const auto id = static_cast<SeriesId>(texts_.size());
  texts_.emplace_back(series);
  ids_.emplace(texts_.back(), id);
  return id;
}

absl::StatusOr<std::string> SqliteSampleStore::Text(SeriesId id) {
  absl::MutexLock lock(&mutex_);
  if (id < texts_.size()) return texts_[id];
  return absl::NotFoundError(absl::StrCat("there is no series with id ", id));
}

absl::StatusOr<std::vector<std::string>> SqliteSampleStore::ListSeries() {
  absl::MutexLock lock(&mutex_);
  return std::vector<std::string>(texts_.begin(), texts_.end());
}

absl::Status SqliteSampleStore::Append(const SampleBatch& batch) {
  if (batch.series.size() != batch.values.size()) {
    return absl::InvalidArgumentError(absl::StrCat("a batch has ", batch.series.size(),
                                                   " series and ", batch.values.size(), " values"));
  }
  const auto largest = std::max_element(batch.series.begin(), batch.series.end());
  absl::MutexLock lock(&mutex_);
  if (!error_.ok()) return error_;
  if (largest != batch.series.end() && *largest >= texts_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("series id ", *largest, " was never given out by this store"));
  }
  if (backlog_ + batch.series.size() > options_.largest_backlog) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the disk of ", path_, " is too slow: ", backlog_, " samples wait to be written"));
  }
  if (pending_.count == pending_.slots.size()) pending_.slots.emplace_back();
  if (!HasWork()) due_ = absl::Now() + options_.commit_interval;
  Unsaved& slot = pending_.slots[pending_.count++];
  slot.sequence = next_sequence_++;
  slot.batch = batch;  // into the slot's old buffers
  backlog_ += batch.series.size();
  return absl::OkStatus();
}

absl::Status SqliteSampleStore::Flush() {
  absl::MutexLock lock(&mutex_);
  // A round that runs already may have begun before the newest batch.
  const uint64_t wanted = rounds_begun_ + 1;
  rounds_wanted_ = std::max(rounds_wanted_, wanted);
  const auto done = [this, wanted] {
    mutex_.AssertReaderHeld();
    return rounds_done_ >= wanted;
  };
  mutex_.Await(absl::Condition(&done));
  return error_;
}

bool SqliteSampleStore::Hurried() const { return stopping_ || rounds_wanted_ > rounds_begun_; }

bool SqliteSampleStore::HasWork() const {
  return pending_.count > 0 || writing_.count > 0 || !error_.ok();
}

void SqliteSampleStore::WaitForWork() {
  const auto awake = [this] {
    mutex_.AssertHeld();
    return Hurried() || HasWork();
  };
  const auto hurried = [this] {
    mutex_.AssertHeld();
    return Hurried();
  };
  mutex_.Await(absl::Condition(&awake));
  mutex_.AwaitWithDeadline(absl::Condition(&hurried), due_);
}

void SqliteSampleStore::WriteLoop() {
  bool last = false;
  while (!last) {
    {
      absl::MutexLock lock(&mutex_);
      WaitForWork();
      last = stopping_;
    }
    WriteRound();
  }
}

void SqliteSampleStore::WriteRound() {
  absl::Span<const Unsaved> batches;
  std::vector<const std::string*> new_series;
  size_t first_new_id = 0;
  {
    absl::MutexLock lock(&mutex_);
    ++rounds_begun_;
    if (writing_.count == 0) {
      std::swap(pending_, writing_);
    } else {  // the last round failed: the newer batches queue behind the older
      for (; pending_.count > 0; --pending_.count) {
        if (writing_.count == writing_.slots.size()) writing_.slots.emplace_back();
        std::swap(writing_.slots[writing_.count++], pending_.slots[pending_.count - 1]);
      }
    }
    batches = absl::MakeConstSpan(writing_.slots.data(), writing_.count);
    first_new_id = saved_series_;
    for (size_t id = first_new_id; id < texts_.size(); ++id) new_series.push_back(&texts_[id]);
  }
  const absl::Status status = Commit(batches, new_series, first_new_id);
  {
    absl::MutexLock lock(&mutex_);
    ++rounds_done_;
    error_ = status;
    if (status.ok()) {
      for (const Unsaved& saved : batches) backlog_ -= saved.batch.series.size();
      writing_.count = 0;
      saved_series_ = first_new_id + new_series.size();
    }
    due_ = absl::Now() + options_.commit_interval;
  }
  if (options_.after_commit) options_.after_commit(status);
}

absl::Status SqliteSampleStore::Commit(absl::Span<const Unsaved> batches,
                                       absl::Span<const std::string* const> new_series,
                                       size_t first_new_id) {
  sqlite3* const db = writer_.get();
  if (options_.page_limit) {
    GRAYLING_RETURN_IF_ERROR(
        Statement(db, absl::StrCat("PRAGMA max_page_count=", options_.page_limit())).Execute());
  }
  if (batches.empty() && new_series.empty()) return absl::OkStatus();
  GRAYLING_RETURN_IF_ERROR(Statement(db, "BEGIN IMMEDIATE").Execute());
  const auto insert_all = [&]() -> absl::Status {
    Statement insert_series(db, "INSERT INTO series (id, text) VALUES (?, ?)");
    for (size_t i = 0; i < new_series.size(); ++i) {
      insert_series.Bind(static_cast<int64_t>(first_new_id + i)).Bind(*new_series[i]);
      GRAYLING_RETURN_IF_ERROR(insert_series.Execute());
    }
    Statement insert_batch(
        db, "INSERT INTO batches (sequence, time_ms, target, blob) VALUES (?, ?, ?, ?)");
    SampleCodec codec;
    std::string blob;
    for (const Unsaved& unsaved : batches) {
      GRAYLING_RETURN_IF_ERROR(codec.Encode(unsaved.batch, blob));
      insert_batch.Bind(unsaved.sequence).Bind(unsaved.batch.time_ms).Bind(unsaved.batch.target);
      GRAYLING_RETURN_IF_ERROR(insert_batch.BindBlob(blob).Execute());
    }
    return absl::OkStatus();
  };
  absl::Status status = insert_all();
  if (status.ok()) status = Statement(db, "COMMIT").Execute();
  if (!status.ok() && sqlite3_get_autocommit(db) == 0) {
    Statement(db, "ROLLBACK").Execute().IgnoreError();
  }
  return status;
}

std::vector<SqliteSampleStore::Unsaved> SqliteSampleStore::CopyUnsaved(int64_t from_ms,
                                                                       int64_t to_ms,
                                                                       int64_t& first_unsaved) {
  std::vector<Unsaved> copy;
  {
    absl::MutexLock lock(&mutex_);
    first_unsaved = next_sequence_;
    for (const UnsavedList* list : {&writing_, &pending_}) {
      for (const Unsaved& unsaved : absl::MakeConstSpan(list->slots.data(), list->count)) {
        first_unsaved = std::min(first_unsaved, unsaved.sequence);
        if (unsaved.batch.time_ms >= from_ms && unsaved.batch.time_ms < to_ms) {
          copy.push_back(unsaved);
        }
      }
    }
  }
  std::sort(copy.begin(), copy.end(), [](const Unsaved& a, const Unsaved& b) {
    return std::pair(a.batch.time_ms, a.sequence) < std::pair(b.batch.time_ms, b.sequence);
  });
  return copy;
}

absl::Status SqliteSampleStore::Scan(absl::Time from, absl::Time to,
                                     absl::FunctionRef<absl::Status(const SampleBatch&)> visit) {
  const int64_t to_ms = CeilMillis(to);
  StoredBatch last;
  last.time_ms = CeilMillis(from);
  last.sequence = -1;
  int64_t first_unsaved = 0;
  const std::vector<Unsaved> unsaved = CopyUnsaved(last.time_ms, to_ms, first_unsaved);
  auto next_unsaved = unsaved.begin();

  GRAYLING_ASSIGN_OR_RETURN(sqlite3* const db, OpenConnection(path_));
  const Connection reader(db);
  Statement select(
      reader.get(),
      "SELECT sequence, time_ms, target, blob FROM batches WHERE (time_ms, sequence) > "
      "(?, ?) AND time_ms < ? AND sequence < ? ORDER BY time_ms, sequence LIMIT ?");
  SampleCodec codec;
  SampleBatch batch;
  std::vector<StoredBatch> rows;
  do {
    GRAYLING_RETURN_IF_ERROR(NextRows(select, last, to_ms, first_unsaved, rows));
    for (StoredBatch& row : rows) {
      for (; next_unsaved != unsaved.end() && next_unsaved->batch.time_ms < row.time_ms;
           ++next_unsaved) {
        GRAYLING_RETURN_IF_ERROR(visit(next_unsaved->batch));
      }
      batch.time_ms = row.time_ms;
      batch.target = std::move(row.target);
      GRAYLING_RETURN_IF_ERROR(codec.Decode(row.blob, batch));
      GRAYLING_RETURN_IF_ERROR(visit(batch));
      last.time_ms = row.time_ms;
      last.sequence = row.sequence;
    }
  } while (rows.size() == kRowsPerStep);
  for (; next_unsaved != unsaved.end(); ++next_unsaved) {
    GRAYLING_RETURN_IF_ERROR(visit(next_unsaved->batch));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SeriesId>> SqliteSampleStore::Select(const SeriesSelector& selector) {
  absl::MutexLock lock(&mutex_);
  std::vector<SeriesId> ids;
  for (size_t id = 0; id < texts_.size(); ++id) {
    if (selector.Takes(texts_[id])) ids.push_back(static_cast<SeriesId>(id));
  }
  return ids;
}

absl::Status SqliteSampleStore::Read(
    absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) {
  return ReadByScanning(*this, series, from, to, visit);
}

absl::Status SqliteSampleStore::Expire(absl::Time /*before*/, absl::Span<const TimeRange>) {
  return absl::UnimplementedError("the embedded store keeps everything so far");
}

StoreFigures SqliteSampleStore::Figures() {
  absl::MutexLock lock(&mutex_);
  StoreFigures figures;
  figures.series = texts_.size();
  figures.waiting_samples = backlog_;
  figures.refusal = std::string(error_.message());
  return figures;
}

}  // namespace grayling
