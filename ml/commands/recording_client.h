#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ml/core/dataset.h"

namespace grayling {

// The recording of `campaign` ("campaigns/<name>") from the daemon at `daemon` ("unix:///path"),
// rows in the order they came, in one run that has no group and no split yet. UNAVAILABLE with the
// daemon's own words, DATA_LOSS when rows do not match the header.
absl::StatusOr<Dataset> FetchRecording(const std::string& daemon, const std::string& campaign);

// One data set of one or more recordings. The run of each is cut at its window groups, and of each
// recording with several groups the last one is held out: split "test", the others "train". When no
// recording has several, the last recording is held out, unless it is the only one. Of several
// recordings, groups are called <campaign>-<group>, so that repetitions of different campaigns
// stay apart. INVALID_ARGUMENT when periods differ or a campaign comes twice.
absl::StatusOr<Dataset> JoinRecordings(std::vector<Dataset> recordings);

}  // namespace grayling
