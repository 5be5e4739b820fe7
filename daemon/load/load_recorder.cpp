#include "daemon/load/load_recorder.h"

#include <spdlog/spdlog.h>

#include "base/status_macros.h"

namespace grayling {

void LoadRecorder::Record(absl::Time time, absl::Span<const LoadSample> samples) {
  absl::Status status = Fill(time, samples);
  if (status.ok()) status = store_.Append(batch_);
  if (!status.ok()) {
    ++lost_batches_;
    for (BatchListener* listener : listeners_) listener->OnLost(samples.size());
    if (!refused_) {
      spdlog::warn("the load's metrics are not recorded: {}", std::string(status.message()));
    }
    refused_ = true;
    return;
  }
  refused_ = false;
  for (BatchListener* listener : listeners_) listener->OnBatch(batch_);
}

absl::Status LoadRecorder::Fill(absl::Time time, absl::Span<const LoadSample> samples) {
  batch_.target = "load";
  batch_.time_ms = absl::ToUnixMillis(time);
  batch_.series.clear();
  batch_.values.clear();
  for (const auto& [series, value] : samples) {
    auto known = ids_.find(series);
    if (known == ids_.end()) {
      GRAYLING_ASSIGN_OR_RETURN(const SeriesId id, store_.Intern(series));
      known = ids_.emplace(series, id).first;
    }
    batch_.series.push_back(known->second);
    batch_.values.push_back(value);
  }
  return absl::OkStatus();
}

}  // namespace grayling
