#include <iostream>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/arguments.h"
#include "client/cli/commands/commands.h"
#include "client/cli/dispatch.h"
#include "daemon/metrics/exposition_parser.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

constexpr absl::Duration kIngestDeadline = absl::Hours(1);
constexpr int kSeriesPerMessage = 1000;

struct Options {
  std::string path;
  bool open_metrics = false;
};

absl::StatusOr<std::string> ReadPage(const std::string& path) {
  if (path != "-") return ReadWholeFile(path);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

// The whole page in messages, or what is wrong with its first wrong line.
absl::StatusOr<std::vector<v1::IngestSamplesRequest>> MessagesOf(const std::string& page,
                                                                 ExpositionFormat format,
                                                                 int64_t now_ms) {
  std::vector<v1::IngestSamplesRequest> messages;
  absl::Status first_error;
  const auto add = [&](const ExpositionSample& sample) {
    if (messages.empty() || messages.back().series_size() == kSeriesPerMessage) {
      messages.emplace_back();
    }
    v1::IngestedSeries& series = *messages.back().add_series();
    series.set_text(std::string(sample.series));
    series.add_times_ms(sample.timestamp_ms.value_or(now_ms));
    series.add_values(sample.value);
  };
  const auto complain = [&](const ExpositionError& error) {
    first_error.Update(absl::InvalidArgumentError(
        absl::StrCat("line ", error.line, ": ", error.reason, "; nothing was sent")));
  };
  ParseExposition(page, format, add, complain);
  if (!first_error.ok()) return first_error;
  return messages;
}

absl::Status Run(const Options& options, Session& session) {
  GRAYLING_ASSIGN_OR_RETURN(const std::string page, ReadPage(options.path));
  const ExpositionFormat format =
      options.open_metrics ? ExpositionFormat::kOpenMetrics : ExpositionFormat::kPrometheusText;
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<v1::IngestSamplesRequest> messages,
                            MessagesOf(page, format, absl::ToUnixMillis(absl::Now())));
  const auto stub = v1::MetricService::NewStub(session.channel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + kIngestDeadline));
  const auto stream = stub->IngestSamples(&context);
  for (const v1::IngestSamplesRequest& message : messages) {
    if (!stream->Write(message)) break;
  }
  stream->WritesDone();
  v1::IngestSamplesResponse last;
  for (v1::IngestSamplesResponse response; stream->Read(&response);) last = response;
  const absl::Status status = StatusOf(stream->Finish(), session.address(), kIngestDeadline);
  if (status.ok() || last.durable_samples() > 0) {
    session.err() << last.durable_samples() << " samples are recorded\n";
  }
  return status;
}

}  // namespace

void AddMetricIngest(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("ingest", "Record samples from a file");
  command->add_option("FILE", options->path, "Prometheus text; - reads standard input")->required();
  command->add_flag("--openmetrics", options->open_metrics,
                    "Its stamps are seconds, as OpenMetrics has them, not milliseconds");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
