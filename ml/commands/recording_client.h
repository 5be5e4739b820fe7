#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "ml/core/dataset.h"

namespace grayling {

// The recording of `campaign` ("campaigns/<name>") from the daemon at `daemon` ("unix:///path"),
// rows in the order they came, in one run that has no group and no split yet. UNAVAILABLE with the
// daemon's own words, DATA_LOSS when rows do not match the header.
absl::StatusOr<Dataset> FetchRecording(const std::string& daemon, const std::string& campaign);

// Cuts the one run of a recording at its window groups and holds the last group out: split "test",
// the others "train". A recording with one group is all "train".
absl::Status HoldOutLastGroup(Dataset& recording);

}  // namespace grayling
