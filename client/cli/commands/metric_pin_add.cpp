#include <memory>

#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/commands/commands.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string id;
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
  std::string note;
};

absl::Status Run(const Options& options, Session& session) {
  v1::CreatePinRequest request;
  request.set_pin_id(options.id);
  v1::Pin& pin = *request.mutable_pin();
  ToProto(options.from, pin.mutable_start_time());
  if (options.to != absl::InfiniteFuture()) ToProto(options.to, pin.mutable_end_time());
  pin.set_note(options.note);
  const auto created =
      Call<v1::MetricService>(session, &v1::MetricService::Stub::CreatePin, request);
  if (!created.ok()) return created.status();
  session.Print(*created, TableOf(*created));
  return absl::OkStatus();
}

}  // namespace

void AddMetricPinAdd(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("add", "Keep what was recorded in a span of time");
  command->add_option("PIN", options->id, "A name for it")->required();
  AddInstant(*command, "--from", options->from, "Begin")->required();
  AddInstant(*command, "--to", options->to, "End; without it everything from the begin on");
  command->add_option("--note", options->note, "Why");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
