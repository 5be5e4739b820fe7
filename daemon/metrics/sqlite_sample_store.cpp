#include "daemon/metrics/sqlite_sample_store.h"

#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "daemon/metrics/sample_scan.h"
#include "daemon/metrics/series_reader.h"
#include "daemon/store/database.h"

namespace grayling {
namespace {

constexpr int64_t kMostMs = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeastMs = std::numeric_limits<int64_t>::min();

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteSampleStore>> SqliteSampleStore::Open(
    const std::string& path, SqliteSampleStoreOptions options) {
  GRAYLING_ASSIGN_OR_RETURN(FileLock lock, FileLock::Acquire(absl::StrCat(path, ".lock")));
  GRAYLING_ASSIGN_OR_RETURN(SampleFile writer, SampleFile::Open(path));
  std::unique_ptr<SqliteSampleStore> store(
      new SqliteSampleStore(path, std::move(options), std::move(lock), std::move(writer)));
  GRAYLING_RETURN_IF_ERROR(store->Load());
  store->write_thread_ = std::thread([raw = store.get()] { raw->WriteLoop(); });
  store->transpose_thread_ = std::thread([raw = store.get()] { raw->TransposeLoop(); });
  return store;
}

SqliteSampleStore::SqliteSampleStore(std::string path, SqliteSampleStoreOptions options,
                                     FileLock lock, SampleFile writer)
    : path_(std::move(path)),
      options_(std::move(options)),
      lock_(std::move(lock)),
      writer_(std::move(writer)) {}

SqliteSampleStore::~SqliteSampleStore() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (transpose_thread_.joinable()) transpose_thread_.join();
  if (write_thread_.joinable()) write_thread_.join();
}

absl::Status SqliteSampleStore::Load() {
  absl::MutexLock write(&write_mutex_);
  absl::MutexLock lock(&mutex_);
  absl::Status status;
  GRAYLING_RETURN_IF_ERROR(
      Statement(writer_.db(), "SELECT id, text FROM series ORDER BY id")
          .Execute([&](const Statement& row) {
            mutex_.AssertHeld();
            if (static_cast<size_t>(row.Integer(0)) != series_.size() && status.ok()) {
              status = absl::DataLossError(absl::StrCat(
                  "series ", series_.size(), " is missing in ", path_, "; restore it from a copy"));
            }
            series_.Add(row.Text(1));
          }));
  GRAYLING_RETURN_IF_ERROR(status);
  saved_series_ = series_.size();
  GRAYLING_RETURN_IF_ERROR(LoadTargets());
  return Statement(writer_.db(), "SELECT last_sequence FROM progress")
      .Execute([&](const Statement& row) {
        mutex_.AssertHeld();
        saved_sequence_ = row.Integer(0);
        next_sequence_ = saved_sequence_ + 1;
      });
}

absl::Status SqliteSampleStore::LoadTargets() {
  GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<SampleSnapshot> snapshot, SampleSnapshot::Open(path_));
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<std::string> names, snapshot->TargetNames());
  for (const std::string& name : names) targets_.Add(name, {});
  saved_targets_ = names.size();
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<StoredSpan> rows,
                            snapshot->Rows(nullptr, kLeastMs, kMostMs));
  for (const StoredSpan& row : rows) {
    const absl::StatusOr<const SampleBatch*> batch = snapshot->Row(row);
    if (batch.ok()) {
      targets_.Add((*batch)->target, (*batch)->series);
    } else {
      spdlog::error("{}", std::string(batch.status().message()));
      GRAYLING_ASSIGN_OR_RETURN(const int64_t target, snapshot->TargetOf(row));
      targets_.AddUnreadable(static_cast<uint32_t>(target));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<SeriesId> SqliteSampleStore::Intern(absl::string_view series) {
  absl::MutexLock lock(&mutex_);
  if (const SeriesId* known = series_.Find(series)) return *known;
  if (series_.size() >= std::numeric_limits<SeriesId>::max()) {
    return absl::ResourceExhaustedError("the sample store is full of series; start a new one");
  }
  return series_.Add(std::string(series));
}

absl::StatusOr<std::string> SqliteSampleStore::Text(SeriesId id) {
  absl::MutexLock lock(&mutex_);
  if (id < series_.size()) return series_.text(id);
  return absl::NotFoundError(absl::StrCat("there is no series with id ", id));
}

absl::StatusOr<std::vector<std::string>> SqliteSampleStore::ListSeries() {
  absl::MutexLock lock(&mutex_);
  return std::vector<std::string>(series_.texts().begin(), series_.texts().end());
}

absl::Status SqliteSampleStore::Append(const SampleBatch& batch) {
  const size_t count = batch.series.size();
  if (batch.values.size() != count || (!batch.times_ms.empty() && batch.times_ms.size() != count)) {
    return absl::InvalidArgumentError(absl::StrCat("a batch has ", count, " series, ",
                                                   batch.values.size(), " values and ",
                                                   batch.times_ms.size(), " instants"));
  }
  const auto largest = std::max_element(batch.series.begin(), batch.series.end());
  const auto [first_ms, last_ms] = SpanOf(batch);
  absl::MutexLock lock(&mutex_);
  if (!error_.ok()) return error_;
  if (count == 0) return absl::OkStatus();
  if (*largest >= series_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("series id ", *largest, " was never given out by this store"));
  }
  if (backlog_ + count > options_.largest_backlog) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the disk of ", path_, " is too slow: ", backlog_, " samples wait to be written"));
  }
  if (pending_.count == pending_.slots.size()) pending_.slots.emplace_back();
  if (!HasWork()) due_ = absl::Now() + options_.commit_interval;
  Unsaved& slot = pending_.slots[pending_.count++];
  slot.sequence = next_sequence_++;
  slot.target = targets_.Add(batch.target, batch.series);
  slot.first_ms = first_ms;
  slot.last_ms = last_ms;
  slot.batch = batch;  // into the slot's old buffers
  backlog_ += count;
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
  NewTexts series;
  NewTexts targets;
  {
    absl::MutexLock lock(&mutex_);
    ++rounds_begun_;
    if (writing_.count == 0) {
      std::swap(pending_, writing_);
    } else {  // the last round failed: the newer batches queue behind the older
      for (size_t i = 0; i < pending_.count; ++i) {
        if (writing_.count == writing_.slots.size()) writing_.slots.emplace_back();
        std::swap(writing_.slots[writing_.count++], pending_.slots[i]);
      }
      pending_.count = 0;
    }
    batches = absl::MakeConstSpan(writing_.slots.data(), writing_.count);
    series = {saved_series_,
              {series_.texts().begin() + static_cast<std::ptrdiff_t>(saved_series_),
               series_.texts().end()}};
    targets = {saved_targets_,
               {targets_.names().begin() + static_cast<std::ptrdiff_t>(saved_targets_),
                targets_.names().end()}};
  }
  const absl::Status status = Commit(batches, series, targets);
  {
    absl::MutexLock lock(&mutex_);
    ++rounds_done_;
    error_ = status;
    if (status.ok()) {
      for (const Unsaved& saved : batches) backlog_ -= saved.batch.series.size();
      if (!batches.empty()) saved_sequence_ = batches.back().sequence;
      writing_.count = 0;
      saved_series_ += series.texts.size();
      saved_targets_ += targets.texts.size();
    }
    due_ = absl::Now() + options_.commit_interval;
  }
  if (options_.after_commit) options_.after_commit(status);
}

absl::Status SqliteSampleStore::InsertTexts(const char* sql, const NewTexts& texts) {
  Statement insert(writer_.db(), sql);
  for (size_t i = 0; i < texts.texts.size(); ++i) {
    insert.Bind(static_cast<int64_t>(texts.first_id + i)).Bind(texts.texts[i]);
    GRAYLING_RETURN_IF_ERROR(insert.Execute());
  }
  return absl::OkStatus();
}

absl::Status SqliteSampleStore::InsertBatches(absl::Span<const Unsaved> batches) {
  Statement insert(writer_.db(),
                   "INSERT INTO recent (sequence, target, first_ms, last_ms, samples, blob) VALUES "
                   "(?, ?, ?, ?, ?, ?)");
  std::string blob;
  for (const Unsaved& unsaved : batches) {
    GRAYLING_RETURN_IF_ERROR(codec_.Encode(unsaved.batch, blob));
    insert.Bind(unsaved.sequence).Bind(unsaved.target).Bind(unsaved.first_ms).Bind(unsaved.last_ms);
    insert.Bind(static_cast<int64_t>(unsaved.batch.series.size())).BindBlob(blob);
    GRAYLING_RETURN_IF_ERROR(insert.Execute());
  }
  if (batches.empty()) return absl::OkStatus();
  return Statement(writer_.db(), "UPDATE progress SET last_sequence = ?")
      .Bind(batches.back().sequence)
      .Execute();
}

absl::Status SqliteSampleStore::Commit(absl::Span<const Unsaved> batches, const NewTexts& series,
                                       const NewTexts& targets) {
  absl::MutexLock lock(&write_mutex_);
  if (options_.page_limit) {
    GRAYLING_RETURN_IF_ERROR(
        Statement(writer_.db(), absl::StrCat("PRAGMA max_page_count=", options_.page_limit()))
            .Execute());
  }
  if (batches.empty() && series.texts.empty()) return absl::OkStatus();
  return InTransaction(writer_.db(), [&]() -> absl::Status {
    write_mutex_.AssertHeld();
    GRAYLING_RETURN_IF_ERROR(InsertTexts("INSERT INTO series (id, text) VALUES (?, ?)", series));
    GRAYLING_RETURN_IF_ERROR(InsertTexts("INSERT INTO targets (id, name) VALUES (?, ?)", targets));
    return InsertBatches(batches);
  });
}

absl::StatusOr<SqliteSampleStore::View> SqliteSampleStore::TakeView(int64_t from_ms,
                                                                    int64_t to_ms) {
  while (true) {
    View view;
    GRAYLING_ASSIGN_OR_RETURN(view.snapshot, SampleSnapshot::Open(path_));
    absl::MutexLock lock(&mutex_);
    // A commit in between: its batches are in neither.
    if (view.snapshot->last_sequence() < saved_sequence_) continue;
    for (const UnsavedList* list : {&writing_, &pending_}) {
      for (const Unsaved& unsaved : absl::MakeConstSpan(list->slots.data(), list->count)) {
        if (unsaved.sequence > view.snapshot->last_sequence() && unsaved.last_ms >= from_ms &&
            unsaved.first_ms < to_ms) {
          view.unsaved.push_back(unsaved.batch);
        }
      }
    }
    return view;
  }
}

absl::Status SqliteSampleStore::Scan(absl::Time from, absl::Time to,
                                     absl::FunctionRef<absl::Status(const SampleBatch&)> visit) {
  const int64_t from_ms = CeilMillis(from);
  const int64_t to_ms = CeilMillis(to);
  GRAYLING_ASSIGN_OR_RETURN(const View view, TakeView(from_ms, to_ms));
  return SampleScan(*view.snapshot, view.unsaved, from_ms, to_ms).Run(visit);
}

absl::StatusOr<std::vector<SeriesId>> SqliteSampleStore::Select(const SeriesSelector& selector) {
  absl::MutexLock lock(&mutex_);
  return series_.Select(selector);
}

absl::Status SqliteSampleStore::Read(
    absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) {
  const int64_t from_ms = CeilMillis(from);
  const int64_t to_ms = CeilMillis(to);
  for (const SeriesId id : series) GRAYLING_RETURN_IF_ERROR(Text(id).status());
  GRAYLING_ASSIGN_OR_RETURN(const View view, TakeView(from_ms, to_ms));
  std::vector<int64_t> targets;
  {
    absl::MutexLock lock(&mutex_);
    targets = targets_.TargetsOf(series);
  }
  return SeriesReader(*view.snapshot, view.unsaved, from_ms, to_ms).Read(series, targets, visit);
}

StoreFigures SqliteSampleStore::Figures() {
  StoreFigures figures;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code absent;
    const uintmax_t size = std::filesystem::file_size(path_ + suffix, absent);
    if (!absent) figures.bytes_on_disk += size;
  }
  absl::MutexLock lock(&mutex_);
  figures.series = series_.size();
  figures.waiting_samples = backlog_;
  figures.refusal = std::string(error_.message());
  return figures;
}

}  // namespace grayling
