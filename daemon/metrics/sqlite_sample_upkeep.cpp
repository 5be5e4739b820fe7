// The part of SqliteSampleStore that turns rows into chunks and forgets what is old.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "daemon/metrics/sqlite_sample_store.h"
#include "daemon/store/database.h"

namespace grayling {
namespace {

constexpr int64_t kMostMs = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeastMs = std::numeric_limits<int64_t>::min();
constexpr int kDeletedAtOnce = 500;

struct KeptSpan {
  int64_t begin_ms;
  int64_t end_ms;
};

}  // namespace

bool SqliteSampleStore::Stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void SqliteSampleStore::TransposeLoop() {
  bool warned = false;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.transpose_interval)) return;
    }
    const absl::Status status =
        TransposeDue(options_.rows_per_chunk, absl::Now() - options_.longest_as_rows);
    if (!status.ok() && !warned) {
      spdlog::warn("samples stay as rows, which cost more space: {}",
                   std::string(status.message()));
    }
    warned = !status.ok();
  }
}

absl::Status SqliteSampleStore::TransposeAll() { return TransposeDue(1, absl::InfiniteFuture()); }

absl::Status SqliteSampleStore::TransposeDue(int64_t rows_wanted, absl::Time older_than) {
  absl::MutexLock maintenance(&maintenance_mutex_);
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<SampleSnapshot> snapshot,
                            SampleSnapshot::Open(path_));
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<int64_t> due,
                            snapshot->TargetsWithRows(rows_wanted, absl::ToUnixMillis(older_than)));
  std::set<std::vector<int64_t>> groups;
  {
    // Every row of the snapshot was told to the registry before it was written.
    absl::MutexLock lock(&mutex_);
    for (const int64_t target : due) {
      groups.insert(targets_.GroupOf(static_cast<uint32_t>(target)));
    }
  }
  for (const std::vector<int64_t>& targets : groups) {
    if (Stopping()) return absl::OkStatus();
    GRAYLING_RETURN_IF_ERROR(TransposeGroup(*snapshot, targets));
  }
  return absl::OkStatus();
}

absl::Status SqliteSampleStore::TransposeGroup(SampleSnapshot& snapshot,
                                               const std::vector<int64_t>& targets) {
  GRAYLING_ASSIGN_OR_RETURN(std::vector<StoredSpan> rows,
                            snapshot.Rows(&targets, kLeastMs, kMostMs));
  std::erase_if(rows, [this](const StoredSpan& row) {
    maintenance_mutex_.AssertHeld();
    return std::binary_search(damaged_rows_.begin(), damaged_rows_.end(), row.id);
  });
  while (!rows.empty() && !Stopping()) {
    const size_t damaged_before = damaged_rows_.size();
    GRAYLING_ASSIGN_OR_RETURN(const Transposition transposition,
                              transposer_.Transpose(snapshot, rows, damaged_rows_));
    const size_t damaged = damaged_rows_.size() - damaged_before;
    std::sort(damaged_rows_.begin(), damaged_rows_.end());
    GRAYLING_RETURN_IF_ERROR(Replace(transposition));
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(
                                                transposition.sequences.size() + damaged));
  }
  return absl::OkStatus();
}

absl::Status SqliteSampleStore::Replace(const Transposition& transposition) {
  if (transposition.sequences.empty()) return absl::OkStatus();
  absl::MutexLock lock(&write_mutex_);
  return InTransaction(writer_.db(), [&]() -> absl::Status {
    write_mutex_.AssertHeld();
    // First, so that the chunks go where the rows were.
    Statement remove(writer_.db(), "DELETE FROM recent WHERE sequence = ?");
    for (const int64_t sequence : transposition.sequences) {
      GRAYLING_RETURN_IF_ERROR(remove.Bind(sequence).Execute());
    }
    Statement insert(writer_.db(),
                     "INSERT INTO chunks (bucket, newest, first_ms, last_ms, samples, blob) VALUES "
                     "(?, ?, ?, ?, ?, ?)");
    for (const EncodedChunk& chunk : transposition.chunks) {
      insert.Bind(chunk.bucket).Bind(transposition.sequences.back()).Bind(chunk.first_ms);
      insert.Bind(chunk.last_ms).Bind(chunk.samples).BindBlob(chunk.blob);
      GRAYLING_RETURN_IF_ERROR(insert.Execute());
    }
    return absl::OkStatus();
  });
}

absl::Status SqliteSampleStore::Expire(absl::Time before, absl::Span<const TimeRange> kept) {
  absl::MutexLock maintenance(&maintenance_mutex_);
  const int64_t before_ms = CeilMillis(before);
  GRAYLING_RETURN_IF_ERROR(DeleteExpired("chunks", "id", before_ms, kept));
  return DeleteExpired("recent", "sequence", before_ms, kept);
}

absl::Status SqliteSampleStore::DeleteExpired(const char* table, const char* key, int64_t before_ms,
                                              absl::Span<const TimeRange> kept) {
  std::vector<KeptSpan> kept_ms;
  for (const TimeRange& range : kept) {
    kept_ms.push_back({CeilMillis(range.begin), CeilMillis(range.end)});
  }
  const std::string select =
      absl::StrCat("SELECT ", key, ", first_ms, last_ms FROM ", table, " WHERE (first_ms, ", key,
                   ") > (?, ?) AND first_ms < ? AND last_ms < ? ORDER BY first_ms, ", key,
                   " LIMIT ", kDeletedAtOnce);
  StoredSpan last;
  last.first_ms = kLeastMs;
  last.id = -1;
  for (int seen = kDeletedAtOnce; seen == kDeletedAtOnce && !Stopping();) {
    std::vector<int64_t> expired;
    seen = 0;
    absl::MutexLock lock(&write_mutex_);
    Statement rows(writer_.db(), select);
    rows.Bind(last.first_ms).Bind(last.id).Bind(before_ms).Bind(before_ms);
    GRAYLING_RETURN_IF_ERROR(rows.Execute([&](const Statement& row) {
      ++seen;
      last.id = row.Integer(0);
      last.first_ms = row.Integer(1);
      last.last_ms = row.Integer(2);
      const bool keep = std::any_of(kept_ms.begin(), kept_ms.end(), [&](const KeptSpan& span) {
        return span.begin_ms <= last.last_ms && last.first_ms < span.end_ms;
      });
      if (!keep) expired.push_back(last.id);
    }));
    if (expired.empty()) continue;
    GRAYLING_RETURN_IF_ERROR(InTransaction(writer_.db(), [&]() -> absl::Status {
      write_mutex_.AssertHeld();
      Statement remove(writer_.db(), absl::StrCat("DELETE FROM ", table, " WHERE ", key, " = ?"));
      for (const int64_t id : expired) GRAYLING_RETURN_IF_ERROR(remove.Bind(id).Execute());
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace grayling
