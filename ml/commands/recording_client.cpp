#include "ml/commands/recording_client.h"

#include <grpcpp/grpcpp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "grayling/v1/dataset.grpc.pb.h"
#include "ml/core/dataset_split.h"
#include "ml/core/dataset_union.h"

namespace grayling {
namespace {

// Rows before a group's first window that come along: the rolling features settle in them.
constexpr double kLeadRows = 20;
constexpr double kRecoveryRows = 4;

}  // namespace

absl::StatusOr<Dataset> FetchRecording(const std::string& daemon, const std::string& campaign) {
  const auto channel = grpc::CreateChannel(daemon, grpc::InsecureChannelCredentials());
  const auto stub = v1::DatasetService::NewStub(channel);
  grpc::ClientContext context;
  v1::StreamDatasetRequest request;
  request.set_campaign(campaign);
  const auto reader = stub->StreamDataset(&context, request);

  Dataset dataset;
  Run run;
  std::vector<float> values;
  v1::StreamDatasetResponse response;
  size_t malformed = 0;
  while (reader->Read(&response)) {
    if (response.has_header()) {
      const v1::DatasetHeader& header = response.header();
      dataset.name = header.name();
      dataset.period_s = header.period_s() > 0 ? header.period_s() : 1;
      dataset.columns.assign(header.columns().begin(), header.columns().end());
      for (const v1::Edge& edge : header.edges()) {
        dataset.edges.emplace_back(edge.caller(), edge.callee());
      }
      for (const v1::LabelWindow& window : header.windows()) {
        run.windows.push_back({window.start(), window.end(), window.label(), window.service(),
                               window.group(), window.intensity()});
      }
    }
    for (const v1::DatasetRow& row : response.rows()) {
      if (static_cast<size_t>(row.values_size()) != dataset.columns.size()) {
        ++malformed;
        continue;
      }
      run.time.push_back(row.time());
      for (const double value : row.values()) values.push_back(static_cast<float>(value));
    }
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) {
    return absl::UnavailableError(
        absl::StrCat("cannot fetch ", campaign, " from ", daemon, ": ", status.error_message(),
                     "; check that graylingd runs and that the campaign exists"));
  }
  if (malformed > 0) {
    return absl::DataLossError(absl::StrCat(malformed, " rows of ", campaign, " do not match its ",
                                            dataset.columns.size(), " columns; fetch it again"));
  }
  run.values = Eigen::Map<const Matrix>(values.data(), static_cast<Eigen::Index>(run.time.size()),
                                        static_cast<Eigen::Index>(dataset.columns.size()));
  run.id = absl::StrReplaceAll(absl::StripPrefix(campaign, "campaigns/"), {{"/", "-"}});
  dataset.runs.push_back(std::move(run));
  return dataset;
}

absl::StatusOr<Dataset> JoinRecordings(std::vector<Dataset> recordings) {
  const bool several = recordings.size() > 1;
  bool held_out = false;
  for (Dataset& recording : recordings) {
    GRAYLING_ASSIGN_OR_RETURN(
        std::vector<Run> runs,
        CutByWindowGroups(recording.runs.front(), kLeadRows * recording.period_s,
                          kRecoveryRows * recording.period_s));
    for (size_t i = 0; i < runs.size(); ++i) {
      const bool held = i > 0 && i + 1 == runs.size();
      runs[i].split = held ? "test" : "train";
      if (several) runs[i].group = runs[i].id;
      held_out = held_out || held;
    }
    recording.runs = std::move(runs);
  }
  if (several && !held_out) {
    for (Run& run : recordings.back().runs) run.split = "test";
  }
  return MergeDatasets(std::move(recordings));
}

}  // namespace grayling
