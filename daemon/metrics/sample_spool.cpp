#include "daemon/metrics/sample_spool.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "daemon/metrics/spooled_columns.h"
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
  from_ms  INTEGER NOT NULL,
  to_ms    INTEGER NOT NULL,
  blob     BLOB NOT NULL
);
)",
};

}  // namespace

void SampleSpool::CloseConnection::operator()(sqlite3* db) const { sqlite3_close(db); }

absl::StatusOr<std::unique_ptr<SampleSpool>> SampleSpool::Open(const std::string& path,
                                                               SampleSpoolOptions options) {
  GRAYLING_ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(absl::StrCat(path, ".lock")));
  GRAYLING_ASSIGN_OR_RETURN(sqlite3* const db, OpenConnection(path));
  Connection writer(db);
  GRAYLING_RETURN_IF_ERROR(Migrate(db, kMigrations));
  std::unique_ptr<SampleSpool> spool(
      new SampleSpool(path, options, std::move(lock), std::move(writer)));
  GRAYLING_RETURN_IF_ERROR(spool->Load());
  spool->thread_ = std::thread([raw = spool.get()] { raw->WriteLoop(); });
  return spool;
}

SampleSpool::SampleSpool(std::string path, SampleSpoolOptions options, FileLock lock,
                         Connection writer)
    : path_(std::move(path)),
      options_(options),
      lock_(std::move(lock)),
      writer_(std::move(writer)) {}

SampleSpool::~SampleSpool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status SampleSpool::Load() {
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
  return Statement(writer_.get(),
                   "SELECT coalesce(max(sequence), 0), coalesce(sum(length(blob)), 0) FROM batches")
      .Execute([&](const Statement& row) {
        mutex_.AssertHeld();
        saved_sequence_ = row.Integer(0);
        next_sequence_ = saved_sequence_ + 1;
        bytes_ = static_cast<uint64_t>(row.Integer(1));
      });
}

absl::StatusOr<SeriesId> SampleSpool::Intern(absl::string_view series) {
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

absl::StatusOr<std::string> SampleSpool::Text(SeriesId id) {
  absl::MutexLock lock(&mutex_);
  if (id < texts_.size()) return texts_[id];
  return absl::NotFoundError(absl::StrCat("there is no series with id ", id));
}

std::optional<SeriesId> SampleSpool::Find(absl::string_view series) {
  absl::MutexLock lock(&mutex_);
  const auto found = ids_.find(series);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> SampleSpool::ListSeries() {
  absl::MutexLock lock(&mutex_);
  return std::vector<std::string>(texts_.begin(), texts_.end());
}

std::vector<SeriesId> SampleSpool::Select(const SeriesSelector& selector) {
  absl::MutexLock lock(&mutex_);
  std::vector<SeriesId> ids;
  for (size_t id = 0; id < texts_.size(); ++id) {
    if (selector.Takes(texts_[id])) ids.push_back(static_cast<SeriesId>(id));
  }
  return ids;
}

absl::Status SampleSpool::Append(const SampleBatch& batch) {
  if (batch.series.size() != batch.values.size() ||
      (!batch.times_ms.empty() && batch.times_ms.size() != batch.series.size())) {
    return absl::InvalidArgumentError(absl::StrCat("a batch has ", batch.series.size(), " series, ",
                                                   batch.values.size(), " values and ",
                                                   batch.times_ms.size(), " instants"));
  }
  if (batch.series.empty()) return absl::OkStatus();
  auto kept = std::make_shared<Batch>();
  kept->from_ms = kept->to_ms = batch.time_ms;
  if (!batch.times_ms.empty()) {
    const auto [first, last] = std::minmax_element(batch.times_ms.begin(), batch.times_ms.end());
    kept->from_ms = *first;
    kept->to_ms = *last;
  }
  kept->samples = batch.series.size();
  kept->blob = SpooledColumns(batch);
  const SeriesId largest = *std::max_element(batch.series.begin(), batch.series.end());
  absl::MutexLock lock(&mutex_);
  if (!error_.ok()) return error_;
  if (largest >= texts_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("series id ", largest, " was never given out by this store"));
  }
  if (bytes_ + kept->blob.size() > options_.largest_bytes) {
    return absl::ResourceExhaustedError(FullSentence());
  }
  if (!HasWork()) due_ = absl::Now() + options_.commit_interval;
  kept->sequence = next_sequence_++;
  bytes_ += kept->blob.size();
  unsaved_samples_ += kept->samples;
  unsaved_.push_back(std::move(kept));
  return absl::OkStatus();
}

std::string SampleSpool::FullSentence() const {
  return absl::StrCat("the spool ", path_, " is full with ", bytes_ >> 20, " MiB that wait",
                      waiting_.empty() ? " to be sent" : ": ", waiting_);
}

absl::Status SampleSpool::Flush() {
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

StoreFigures SampleSpool::Figures() {
  absl::MutexLock lock(&mutex_);
  StoreFigures figures;
  figures.series = texts_.size();
  figures.waiting_samples = unsaved_samples_;
  figures.refusal = std::string(error_.message());
  // The next batch is of unknown size: full means that a large page would not fit.
  if (error_.ok() && bytes_ + (1 << 20) > options_.largest_bytes) figures.refusal = FullSentence();
  return figures;
}

bool SampleSpool::HasWork() const {
  return !unsaved_.empty() || forget_ > forgotten_ || !error_.ok();
}

bool SampleSpool::Hurried() const { return stopping_ || rounds_wanted_ > rounds_begun_; }

void SampleSpool::WaitForWork() {
  const auto awake = [this] {
    mutex_.AssertReaderHeld();
    return Hurried() || HasWork();
  };
  const auto hurried = [this] {
    mutex_.AssertReaderHeld();
    return Hurried();
  };
  mutex_.Await(absl::Condition(&awake));
  mutex_.AwaitWithDeadline(absl::Condition(&hurried), due_);
}

void SampleSpool::WriteLoop() {
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

void SampleSpool::WriteRound() {
  std::vector<std::shared_ptr<const Batch>> batches;
  std::vector<const std::string*> new_series;
  size_t first_new_id = 0;
  int64_t forget = 0;
  {
    absl::MutexLock lock(&mutex_);
    ++rounds_begun_;
    batches.assign(unsaved_.begin(), unsaved_.end());
    first_new_id = saved_series_;
    for (size_t id = first_new_id; id < texts_.size(); ++id) new_series.push_back(&texts_[id]);
    forget = forget_;
  }
  uint64_t freed = 0;
  const absl::Status status = Commit(batches, new_series, first_new_id, forget, freed);
  absl::MutexLock lock(&mutex_);
  ++rounds_done_;
  error_ = status;
  if (status.ok()) {
    for (const auto& batch : batches) unsaved_samples_ -= batch->samples;
    unsaved_.erase(unsaved_.begin(),
                   unsaved_.begin() + static_cast<std::ptrdiff_t>(batches.size()));
    if (!batches.empty()) saved_sequence_ = batches.back()->sequence;
    saved_series_ = first_new_id + new_series.size();
    forgotten_ = forget;
    bytes_ -= freed;
  }
  due_ = absl::Now() + options_.commit_interval;
}

absl::Status SampleSpool::Commit(const std::vector<std::shared_ptr<const Batch>>& batches,
                                 const std::vector<const std::string*>& new_series,
                                 size_t first_new_id, int64_t forget, uint64_t& freed) {
  sqlite3* const db = writer_.get();
  GRAYLING_RETURN_IF_ERROR(Statement(db, "BEGIN IMMEDIATE").Execute());
  const auto write_all = [&]() -> absl::Status {
    Statement insert_series(db, "INSERT INTO series (id, text) VALUES (?, ?)");
    for (size_t i = 0; i < new_series.size(); ++i) {
      insert_series.Bind(static_cast<int64_t>(first_new_id + i)).Bind(*new_series[i]);
      GRAYLING_RETURN_IF_ERROR(insert_series.Execute());
    }
    Statement insert_batch(
        db, "INSERT INTO batches (sequence, from_ms, to_ms, blob) VALUES (?, ?, ?, ?)");
    for (const auto& batch : batches) {
      insert_batch.Bind(batch->sequence).Bind(batch->from_ms).Bind(batch->to_ms);
      GRAYLING_RETURN_IF_ERROR(insert_batch.BindBlob(batch->blob).Execute());
    }
    Statement sum(db, "SELECT coalesce(sum(length(blob)), 0) FROM batches WHERE sequence <= ?");
    GRAYLING_RETURN_IF_ERROR(sum.Bind(forget).Execute(
        [&freed](const Statement& row) { freed = static_cast<uint64_t>(row.Integer(0)); }));
    return Statement(db, "DELETE FROM batches WHERE sequence <= ?").Bind(forget).Execute();
  };
  absl::Status status = write_all();
  if (status.ok()) status = Statement(db, "COMMIT").Execute();
  if (!status.ok() && sqlite3_get_autocommit(db) == 0) {
    Statement(db, "ROLLBACK").Execute().IgnoreError();
  }
  return status;
}

absl::Status SampleSpool::NextSaved(int64_t sequence, size_t samples, absl::Time deadline,
                                    Rows& rows) {
  rows.last_sequence = 0;
  rows.series.clear();
  rows.times_ms.clear();
  rows.values.clear();
  {
    absl::MutexLock lock(&mutex_);
    const auto saved = [this, sequence] {
      mutex_.AssertReaderHeld();
      return saved_sequence_ > sequence;
    };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&saved), deadline)) return absl::OkStatus();
  }
  GRAYLING_ASSIGN_OR_RETURN(sqlite3* const db, OpenConnection(path_));
  const Connection reader(db);
  Statement select(db,
                   "SELECT sequence, blob FROM batches WHERE sequence > ? ORDER BY sequence "
                   "LIMIT ?");
  absl::Status damaged;
  bool more = true;
  while (more && rows.series.size() < samples) {
    const int64_t after = std::max(sequence, rows.last_sequence);
    more = false;
    GRAYLING_RETURN_IF_ERROR(
        select.Bind(after).Bind(kRowsPerStep).Execute([&](const Statement& row) {
          if (rows.series.size() >= samples) return;
          more = true;
          damaged.Update(
              AppendSpooledColumns(row.Text(1), rows.series, rows.times_ms, rows.values));
          rows.last_sequence = row.Integer(0);
        }));
  }
  return damaged;
}

int64_t SampleSpool::SavedSequence() {
  absl::MutexLock lock(&mutex_);
  return saved_sequence_;
}

void SampleSpool::Forget(int64_t sequence) {
  absl::MutexLock lock(&mutex_);
  if (!HasWork()) due_ = absl::Now() + options_.commit_interval;
  forget_ = std::max(forget_, std::min(sequence, saved_sequence_));
}

absl::Status SampleSpool::Visit(int64_t from_ms, int64_t to_ms, VisitSample visit) {
  std::vector<std::shared_ptr<const Batch>> unsaved;
  int64_t saved_sequence = 0;
  {
    absl::MutexLock lock(&mutex_);
    saved_sequence = saved_sequence_;
    for (const auto& batch : unsaved_) {
      if (batch->to_ms >= from_ms && batch->from_ms < to_ms) unsaved.push_back(batch);
    }
  }
  Rows rows;
  const auto visit_blob = [&](absl::string_view blob) -> absl::Status {
    rows.series.clear();
    rows.times_ms.clear();
    rows.values.clear();
    GRAYLING_RETURN_IF_ERROR(AppendSpooledColumns(blob, rows.series, rows.times_ms, rows.values));
    for (size_t i = 0; i < rows.series.size(); ++i) {
      if (rows.times_ms[i] < from_ms || rows.times_ms[i] >= to_ms) continue;
      visit(rows.series[i], rows.times_ms[i], rows.values[i]);
    }
    return absl::OkStatus();
  };
  GRAYLING_ASSIGN_OR_RETURN(sqlite3* const db, OpenConnection(path_));
  const Connection reader(db);
  absl::Status damaged;
  GRAYLING_RETURN_IF_ERROR(
      Statement(db,
                "SELECT blob FROM batches WHERE sequence <= ? AND to_ms >= ? AND from_ms < ? "
                "ORDER BY sequence")
          .Bind(saved_sequence)
          .Bind(from_ms)
          .Bind(to_ms)
          .Execute([&](const Statement& row) { damaged.Update(visit_blob(row.Text(0))); }));
  GRAYLING_RETURN_IF_ERROR(damaged);
  for (const auto& batch : unsaved) GRAYLING_RETURN_IF_ERROR(visit_blob(batch->blob));
  return absl::OkStatus();
}

void SampleSpool::ExplainWaiting(std::string why) {
  absl::MutexLock lock(&mutex_);
  waiting_ = std::move(why);
}

}  // namespace grayling
