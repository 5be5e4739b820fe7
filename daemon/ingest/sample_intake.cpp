#include "daemon/ingest/sample_intake.h"

#include <algorithm>

#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr int64_t kEndOfYear9999Ms = 253'402'300'800'000;

}  // namespace

absl::Status SampleIntake::Take(const SampleBatch& batch) {
  if (batch.series.empty()) return absl::OkStatus();
  GRAYLING_RETURN_IF_ERROR(store_.Append(batch));
  for (BatchListener* listener : listeners_) listener->OnBatch(batch);
  return absl::OkStatus();
}

bool IsRecordable(int64_t time_ms) { return time_ms >= 0 && time_ms < kEndOfYear9999Ms; }

void SettleInstants(SampleBatch& batch) {
  if (batch.times_ms.empty()) return;
  const auto [earliest, latest] = std::minmax_element(batch.times_ms.begin(), batch.times_ms.end());
  batch.time_ms = *earliest;
  if (*earliest == *latest) batch.times_ms.clear();
}

}  // namespace grayling
