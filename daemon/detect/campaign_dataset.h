#pragma once

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/detect/recording.h"
#include "daemon/store/records.h"
#include "grayling/v1/dataset.pb.h"
#include "grayling/v1/fault.pb.h"

namespace grayling {

// One campaign's recording as a data set of one run.
struct CampaignDataset {
  v1::DatasetHeader header;
  Recording recording;
};

// Opens the recording of an ended campaign. Its fault windows become labels where their outcome is
// "done", with the verified times. Rows of windows that were tried and are not "done" are left out,
// up to 4 s after their end, so that no faulty row counts as healthy; so are earlier tries and the
// stretches in which the campaign stood still. Windows without a fault give no label. Edges come from the
// caller>callee columns. `intensity_of` tells which of a fault's parameters is its intensity (none:
// 0). NOT_FOUND for an unknown campaign, FAILED_PRECONDITION while it runs or when it never began.
absl::StatusOr<CampaignDataset> OpenCampaignDataset(
    RecordStore& campaigns, SampleStore& samples, const std::string& name, absl::Duration step,
    absl::FunctionRef<std::optional<double>(const v1::FaultSpec&)> intensity_of);

}  // namespace grayling
