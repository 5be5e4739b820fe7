#include "daemon/metrics/read_by_scanning.h"

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status_macros.h"

namespace grayling {

absl::Status ReadByScanning(SampleStore& store, absl::Span<const SeriesId> series, absl::Time from,
                            absl::Time to,
                            absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) {
  struct Columns {
    std::vector<int64_t> times_ms;
    std::vector<double> values;
  };
  absl::flat_hash_map<SeriesId, Columns> wanted;
  for (const SeriesId id : series) {
    GRAYLING_RETURN_IF_ERROR(store.Text(id).status());
    wanted[id];
  }
  GRAYLING_RETURN_IF_ERROR(store.Scan(from, to, [&wanted](const SampleBatch& batch) {
    for (size_t i = 0; i < batch.series.size(); ++i) {
      const auto found = wanted.find(batch.series[i]);
      if (found == wanted.end()) continue;
      Columns& columns = found->second;
      if (!columns.times_ms.empty() && columns.times_ms.back() == batch.time_ms) {
        columns.values.back() = batch.values[i];
      } else {
        columns.times_ms.push_back(batch.time_ms);
        columns.values.push_back(batch.values[i]);
      }
    }
    return absl::OkStatus();
  }));
  for (const SeriesId id : series) {
    const Columns& columns = wanted[id];
    if (columns.times_ms.empty()) continue;
    GRAYLING_RETURN_IF_ERROR(visit(id, {columns.times_ms, columns.values}));
  }
  return absl::OkStatus();
}

}  // namespace grayling
