#include "daemon/detect/recording.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/alignment.h"

namespace grayling {
namespace {

constexpr int64_t kShortestStepMs = 10;

Aligner AlignerFor(const std::vector<std::pair<SeriesId, std::string>>& series, int64_t step_ms) {
  Aligner aligner(static_cast<double>(step_ms) / 1000);
  for (const auto& [id, text] : series) aligner.AddSeries(id, text);
  return aligner;
}

}  // namespace

absl::StatusOr<Recording> Recording::Open(SampleStore& store, absl::Time from, absl::Time to,
                                          absl::Duration step) {
  const int64_t step_ms = absl::ToInt64Milliseconds(step);
  if (step_ms < kShortestStepMs) {
    return absl::InvalidArgumentError(absl::StrCat("the step is ", absl::FormatDuration(step),
                                                   "; it must be at least ", kShortestStepMs,
                                                   " ms"));
  }
  const int64_t first = (absl::ToUnixMillis(from) / step_ms + 1) * step_ms;
  const int64_t last = absl::ToUnixMillis(to) / step_ms * step_ms;
  if (last < first) {
    return absl::InvalidArgumentError(
        absl::StrCat("the recording from ", absl::FormatTime(from), " to ", absl::FormatTime(to),
                     " is shorter than one step of ", absl::FormatDuration(step)));
  }
  Recording recording(store, first, last, step_ms);
  std::set<SeriesId> seen;
  GRAYLING_RETURN_IF_ERROR(recording.Scan([&seen](const SampleBatch& batch) {
    seen.insert(batch.series.begin(), batch.series.end());
    return absl::OkStatus();
  }));
  for (const SeriesId id : seen) {
    GRAYLING_ASSIGN_OR_RETURN(std::string text, store.Text(id));
    recording.series_.emplace_back(id, std::move(text));
  }
  recording.columns_ = AlignerFor(recording.series_, step_ms).columns();
  return recording;
}

absl::Status Recording::Scan(absl::FunctionRef<absl::Status(const SampleBatch&)> visit) const {
  return store_->Scan(absl::FromUnixMillis(first_row_ms_ - step_ms_ + 1),
                      absl::FromUnixMillis(last_row_ms_ + 1), visit);
}

void Recording::LeaveOut(absl::Time from, absl::Time to) { left_out_.emplace_back(from, to); }

bool Recording::IsLeftOut(int64_t row_ms) const {
  const absl::Time begin = absl::FromUnixMillis(row_ms - step_ms_);
  const absl::Time end = absl::FromUnixMillis(row_ms);
  return std::any_of(left_out_.begin(), left_out_.end(),
                     [&](const auto& span) { return end > span.first && begin < span.second; });
}

absl::Status Recording::ForEachRow(RowVisitor visit) const {
  Aligner aligner = AlignerFor(series_, step_ms_);
  std::vector<double> row;
  int64_t row_ms = first_row_ms_;
  const auto emit_until = [&](int64_t end_ms) {
    for (; row_ms < end_ms; row_ms += step_ms_) {
      const double time_s = static_cast<double>(row_ms) / 1000;
      aligner.Emit(time_s, row);
      if (IsLeftOut(row_ms)) continue;
      GRAYLING_RETURN_IF_ERROR(visit(time_s, row));
    }
    return absl::OkStatus();
  };
  GRAYLING_RETURN_IF_ERROR(Scan([&](const SampleBatch& batch) {
    GRAYLING_RETURN_IF_ERROR(emit_until(batch.time_ms));
    for (size_t i = 0; i < batch.series.size(); ++i) {
      aligner.Push(batch.series[i], batch.time_ms, batch.values[i]);
    }
    return absl::OkStatus();
  }));
  return emit_until(last_row_ms_ + 1);
}

}  // namespace grayling
