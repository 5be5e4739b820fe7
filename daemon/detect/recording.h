#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// The samples of a span of time as aligned rows: the batch driver of the Aligner that the live
// detector uses. Rows end at the whole multiples of `step` in (from, to]. The samples are scanned
// twice, first for the columns and then for the rows; memory does not grow with the span.
class Recording {
 public:
  // First pass. `store` must outlive the recording. INVALID_ARGUMENT for an empty span or a step
  // under 10 ms.
  static absl::StatusOr<Recording> Open(SampleStore& store, absl::Time from, absl::Time to,
                                        absl::Duration step);

  const std::vector<std::string>& columns() const { return columns_; }

  // Rows with a part in (from, to) are not visited: they leave a gap in time.
  void LeaveOut(absl::Time from, absl::Time to);

  // Second pass: every row with its end in Unix seconds and one value per column (NaN is missing),
  // in time order. Stops at the first error of `visit`.
  using RowVisitor =
      absl::FunctionRef<absl::Status(double time_s, absl::Span<const double> values)>;
  absl::Status ForEachRow(RowVisitor visit) const;

 private:
  Recording(SampleStore& store, int64_t first_row_ms, int64_t last_row_ms, int64_t step_ms)
      : store_(&store), first_row_ms_(first_row_ms), last_row_ms_(last_row_ms), step_ms_(step_ms) {}

  bool IsLeftOut(int64_t row_ms) const;
  absl::Status Scan(absl::FunctionRef<absl::Status(const SampleBatch&)> visit) const;

  SampleStore* store_;
  int64_t first_row_ms_;
  int64_t last_row_ms_;
  int64_t step_ms_;
  std::vector<std::pair<SeriesId, std::string>> series_;  // by id
  std::vector<std::pair<absl::Time, absl::Time>> left_out_;
  std::vector<std::string> columns_;
};

}  // namespace grayling
