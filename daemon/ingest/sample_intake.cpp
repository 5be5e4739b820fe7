#include "daemon/ingest/sample_intake.h"

#include <algorithm>
#include <numeric>

#include "base/status_macros.h"

namespace grayling {

absl::Status SampleIntake::Take(const SampleBatch& batch) {
  if (batch.series.empty()) return absl::OkStatus();
  GRAYLING_RETURN_IF_ERROR(store_.Append(batch));
  if (!listeners_.empty()) Tell(batch);
  return absl::OkStatus();
}

void SampleIntake::Tell(const SampleBatch& batch) {
  if (batch.times_ms.empty()) {
    for (BatchListener* listener : listeners_) listener->OnBatch(batch);
    return;
  }
  std::vector<size_t> order(batch.series.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return batch.times_ms[a] < batch.times_ms[b]; });
  SampleBatch instant;
  instant.target = batch.target;
  for (size_t i = 0; i < order.size();) {
    instant.time_ms = batch.times_ms[order[i]];
    instant.series.clear();
    instant.values.clear();
    for (; i < order.size() && batch.times_ms[order[i]] == instant.time_ms; ++i) {
      instant.series.push_back(batch.series[order[i]]);
      instant.values.push_back(batch.values[order[i]]);
    }
    for (BatchListener* listener : listeners_) listener->OnBatch(instant);
  }
}

void SettleInstants(SampleBatch& batch) {
  if (batch.times_ms.empty()) return;
  const auto [earliest, latest] = std::minmax_element(batch.times_ms.begin(), batch.times_ms.end());
  batch.time_ms = *earliest;
  if (*earliest == *latest) batch.times_ms.clear();
}

}  // namespace grayling
