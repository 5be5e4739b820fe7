#include "daemon/metrics/sample_snapshot.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"

namespace grayling {
namespace {

StoredSpan SpanOf(const Statement& row) {
  return {row.Integer(0), row.Integer(1), row.Integer(2), row.Integer(3), row.Integer(4)};
}

}  // namespace

SampleSnapshot::SampleSnapshot(SampleFile file)
    : file_(std::move(file)),
      chunks_of_(file_.db(),
                 "SELECT id, newest, first_ms, last_ms, samples FROM chunks WHERE bucket = ? AND "
                 "first_ms >= ? AND first_ms < ? AND last_ms >= ?"),
      chunks_after_(file_.db(),
                    "SELECT id, newest, first_ms, last_ms, samples FROM chunks INDEXED BY "
                    "chunks_by_time WHERE first_ms >= ? AND (first_ms > ? OR id > ?) AND first_ms "
                    "< ? AND last_ms >= ? ORDER BY first_ms, id LIMIT ?"),
      rows_(file_.db(),
            "SELECT sequence, sequence, first_ms, last_ms, samples FROM recent INDEXED BY "
            "recent_by_target WHERE first_ms < ? AND last_ms >= ?"),
      rows_of_(file_.db(),
               "SELECT sequence, sequence, first_ms, last_ms, samples FROM recent WHERE target = ? "
               "AND first_ms < ? AND last_ms >= ?"),
      chunk_(file_.db(), "SELECT blob FROM chunks WHERE id = ?"),
      row_(file_.db(), "SELECT blob, target, first_ms FROM recent WHERE sequence = ?") {}

absl::StatusOr<std::unique_ptr<SampleSnapshot>> SampleSnapshot::Open(const std::string& path) {
  GRAYLING_ASSIGN_OR_RETURN(SampleFile file, SampleFile::OpenReader(path));
  std::unique_ptr<SampleSnapshot> snapshot(new SampleSnapshot(std::move(file)));
  GRAYLING_RETURN_IF_ERROR(snapshot->Begin());
  return snapshot;
}

absl::Status SampleSnapshot::Begin() {
  GRAYLING_RETURN_IF_ERROR(Statement(file_.db(), "BEGIN").Execute());
  return Statement(file_.db(), "SELECT last_sequence FROM progress")
      .Execute([this](const Statement& row) { last_sequence_ = row.Integer(0); });
}

absl::StatusOr<std::vector<StoredSpan>> SampleSnapshot::ChunksOf(int64_t bucket, int64_t from_ms,
                                                                 int64_t to_ms) {
  std::vector<StoredSpan> spans;
  chunks_of_.Bind(bucket).Bind(ChunkWindowOf(from_ms)).Bind(to_ms).Bind(from_ms);
  GRAYLING_RETURN_IF_ERROR(
      chunks_of_.Execute([&spans](const Statement& row) { spans.push_back(SpanOf(row)); }));
  std::sort(spans.begin(), spans.end(), [](const StoredSpan& a, const StoredSpan& b) {
    return std::pair(a.newest, a.id) < std::pair(b.newest, b.id);
  });
  return spans;
}

absl::StatusOr<std::vector<StoredSpan>> SampleSnapshot::ChunksAfter(const StoredSpan& last,
                                                                    int64_t from_ms, int64_t to_ms,
                                                                    int limit) {
  std::vector<StoredSpan> spans;
  chunks_after_.Bind(std::max(ChunkWindowOf(from_ms), last.first_ms)).Bind(last.first_ms);
  chunks_after_.Bind(last.id).Bind(to_ms).Bind(from_ms).Bind(limit);
  GRAYLING_RETURN_IF_ERROR(
      chunks_after_.Execute([&spans](const Statement& row) { spans.push_back(SpanOf(row)); }));
  return spans;
}

absl::StatusOr<std::vector<StoredSpan>> SampleSnapshot::Rows(const std::vector<int64_t>* targets,
                                                             int64_t from_ms, int64_t to_ms) {
  std::vector<StoredSpan> spans;
  const auto take = [&spans](const Statement& row) { spans.push_back(SpanOf(row)); };
  if (targets == nullptr) {
    GRAYLING_RETURN_IF_ERROR(rows_.Bind(to_ms).Bind(from_ms).Execute(take));
  } else {
    for (const int64_t target : *targets) {
      GRAYLING_RETURN_IF_ERROR(rows_of_.Bind(target).Bind(to_ms).Bind(from_ms).Execute(take));
    }
  }
  std::sort(spans.begin(), spans.end(),
            [](const StoredSpan& a, const StoredSpan& b) { return a.id < b.id; });
  return spans;
}

absl::StatusOr<std::vector<int64_t>> SampleSnapshot::TargetsWithRows(int64_t rows,
                                                                     int64_t older_than_ms) {
  std::vector<int64_t> targets;
  GRAYLING_RETURN_IF_ERROR(
      Statement(file_.db(),
                "SELECT target FROM recent INDEXED BY recent_by_target GROUP BY target HAVING "
                "count(*) >= ? OR min(first_ms) < ?")
          .Bind(rows)
          .Bind(older_than_ms)
          .Execute([&targets](const Statement& row) { targets.push_back(row.Integer(0)); }));
  return targets;
}

absl::StatusOr<std::vector<std::string>> SampleSnapshot::TargetNames() {
  std::vector<std::string> names;
  GRAYLING_RETURN_IF_ERROR(
      Statement(file_.db(), "SELECT name FROM targets ORDER BY id")
          .Execute([&names](const Statement& row) { names.push_back(row.Text(0)); }));
  return names;
}

absl::StatusOr<int64_t> SampleSnapshot::TargetOf(const StoredSpan& row) {
  int64_t target = 0;
  GRAYLING_RETURN_IF_ERROR(
      Statement(file_.db(), "SELECT target FROM recent WHERE sequence = ?")
          .Bind(row.id)
          .Execute([&target](const Statement& found) { target = found.Integer(0); }));
  return target;
}

absl::StatusOr<SampleChunkCodec*> SampleSnapshot::Chunk(const StoredSpan& span) {
  absl::Status opened = DamagedSamples("a chunk is missing");
  GRAYLING_RETURN_IF_ERROR(chunk_.Bind(span.id).Execute(
      [&](const Statement& row) { opened = chunk_codec_.Open(row.Text(0)); }));
  GRAYLING_RETURN_IF_ERROR(opened);
  return &chunk_codec_;
}

absl::StatusOr<const SampleBatch*> SampleSnapshot::Row(const StoredSpan& span) {
  absl::Status decoded = DamagedSamples("a batch is missing");
  int64_t target = 0;
  GRAYLING_RETURN_IF_ERROR(row_.Bind(span.id).Execute([&](const Statement& row) {
    target = row.Integer(1);
    batch_.time_ms = row.Integer(2);
    decoded = row_codec_.Decode(row.Text(0), batch_);
  }));
  GRAYLING_RETURN_IF_ERROR(decoded);
  if (!targets_.contains(target)) {
    GRAYLING_RETURN_IF_ERROR(
        Statement(file_.db(), "SELECT name FROM targets WHERE id = ?")
            .Bind(target)
            .Execute([&](const Statement& row) { targets_[target] = row.Text(0); }));
  }
  batch_.target = targets_[target];
  return &batch_;
}

}  // namespace grayling
