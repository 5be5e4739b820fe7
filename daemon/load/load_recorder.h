#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "daemon/load/load_meter.h"
#include "daemon/metrics/sample_store.h"

namespace grayling {

// Writes a load's reports into the sample store as batches of the target "load", and tells the
// listeners of each batch that the store took. A batch that the store refuses is lost: logged once
// until one is taken again, and counted. To be called from one thread at a time; `lost_batches`
// too.
class LoadRecorder {
 public:
  // `store` and `listeners` must outlive the recorder.
  LoadRecorder(SampleStore& store, std::vector<BatchListener*> listeners)
      : store_(store), listeners_(std::move(listeners)) {}

  void Record(absl::Time time, absl::Span<const LoadSample> samples);
  uint64_t lost_batches() const { return lost_batches_; }

 private:
  absl::Status Fill(absl::Time time, absl::Span<const LoadSample> samples);

  SampleStore& store_;
  const std::vector<BatchListener*> listeners_;
  absl::flat_hash_map<std::string, SeriesId> ids_;
  SampleBatch batch_;  // reused
  uint64_t lost_batches_ = 0;
  bool refused_ = false;
};

}  // namespace grayling
