#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "grayling/v1/dataset.grpc.pb.h"
#include "ml/commands/commands.h"
#include "ml/core/dataset.h"
#include "ml/core/dataset_split.h"

namespace grayling {
namespace {

// Rows before a group's first window that come along: the rolling features settle in them.
constexpr double kLeadSeconds = 20;

struct FetchArguments {
  std::string daemon = "unix:///run/grayling/graylingd.sock";
  std::string campaign;
  std::string out;
};

// Rows in the order they came, one recording in one run.
absl::StatusOr<Dataset> Receive(const FetchArguments& arguments) {
  const auto channel = grpc::CreateChannel(arguments.daemon, grpc::InsecureChannelCredentials());
  const auto stub = v1::DatasetService::NewStub(channel);
  grpc::ClientContext context;
  v1::StreamDatasetRequest request;
  request.set_campaign(arguments.campaign);
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
    return absl::UnavailableError(absl::StrCat(
        "cannot fetch ", arguments.campaign, " from ", arguments.daemon, ": ",
        status.error_message(), "; check that graylingd runs and that the campaign exists"));
  }
  if (malformed > 0) {
    return absl::DataLossError(absl::StrCat(malformed, " rows of ", arguments.campaign,
                                            " do not match its ", dataset.columns.size(),
                                            " columns; fetch it again"));
  }
  run.values = Eigen::Map<const Matrix>(values.data(), static_cast<Eigen::Index>(run.time.size()),
                                        static_cast<Eigen::Index>(dataset.columns.size()));
  run.id = absl::StrReplaceAll(absl::StripPrefix(arguments.campaign, "campaigns/"), {{"/", "-"}});
  dataset.runs.push_back(std::move(run));
  return dataset;
}

absl::Status Fetch(const FetchArguments& arguments) {
  GRAYLING_ASSIGN_OR_RETURN(Dataset dataset, Receive(arguments));
  dataset.description = absl::StrCat("Recording of ", arguments.campaign);
  dataset.source = arguments.campaign;
  GRAYLING_ASSIGN_OR_RETURN(std::vector<Run> runs,
                            CutByWindowGroups(dataset.runs.front(), kLeadSeconds));
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].split = i > 0 && i + 1 == runs.size() ? "test" : "train";
  }
  dataset.runs = std::move(runs);
  GRAYLING_RETURN_IF_ERROR(WriteDataset(dataset, arguments.out));
  for (const Run& run : dataset.runs) {
    absl::PrintF("%s: %d rows, %d windows, split %s\n", run.id, run.time.size(), run.windows.size(),
                 run.split);
  }
  absl::PrintF("%d columns written to %s\n", dataset.columns.size(), arguments.out);
  return absl::OkStatus();
}

}  // namespace

void AddFetchCommand(CLI::App& app, absl::Status& result) {
  CLI::App* command = app.add_subcommand(
      "fetch",
      "Write the recording of a campaign as a data set; its last window group is held out");
  const auto arguments = std::make_shared<FetchArguments>();
  command->add_option("--daemon", arguments->daemon, "address of graylingd")->capture_default_str();
  command->add_option("--campaign", arguments->campaign, "campaigns/<name>")->required();
  command->add_option("--out", arguments->out, "folder to write")->required();
  command->callback([arguments, &result] { result = Fetch(*arguments); });
}

}  // namespace grayling
