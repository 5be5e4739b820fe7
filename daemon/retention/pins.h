#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/store/records.h"
#include "grayling/v1/metric.pb.h"

namespace grayling {

// The spans of recorded time that outlive --retention. Every campaign has one by itself, named
// pins/campaign-<id>, from five minutes before its start to five minutes after its end, and open
// while it runs; it is never written down, so a campaign cannot be without it. Others are made by
// hand. Thread-safe.
class Pins {
 public:
  // `pins` is the collection "pins"; it holds the pins made by hand, and an empty record for each
  // campaign's pin that was deleted. All must outlive it.
  Pins(RecordStore& pins, RecordStore& campaigns, Clock& clock)
      : pins_(pins), campaigns_(campaigns), clock_(clock) {}

  // `pin` has start_time and perhaps end_time (absent: everything from the start on) and note.
  // INVALID_ARGUMENT for a name that is none or is a campaign's, or an end that is not after the
  // start; ALREADY_EXISTS.
  absl::StatusOr<v1::Pin> Create(const std::string& id, const v1::Pin& pin);
  // Campaigns' pins first, then the others, oldest first. DATA_LOSS when a record cannot be read.
  absl::StatusOr<std::vector<v1::Pin>> List();
  // What that means for the recording, in one sentence. NOT_FOUND.
  absl::StatusOr<std::string> Delete(const std::string& name);

  absl::StatusOr<std::vector<TimeRange>> Kept();

 private:
  RecordStore& pins_;
  RecordStore& campaigns_;
  Clock& clock_;
};

}  // namespace grayling
