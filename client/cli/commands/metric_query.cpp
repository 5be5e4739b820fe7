#include "client/cli/commands/commands.h"

#include <memory>

#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

constexpr absl::Duration kQueryDeadline = absl::Minutes(5);

struct Options {
  std::string contains;
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
};

absl::Status Run(const Options& options, Session& session) {
  const absl::Time now = absl::Now();
  const absl::Time to = std::min(options.to, now);
  const absl::Time from =
      options.from == absl::InfinitePast() ? to - absl::Minutes(5) : options.from;
  v1::QueryRangeRequest request;
  request.set_contains(options.contains);
  ToProto(from, request.mutable_start_time());
  ToProto(to, request.mutable_end_time());
  v1::QueryRangeResponse all;
  GRAYLING_RETURN_IF_ERROR(Stream<v1::MetricService>(
      session, &v1::MetricService::Stub::QueryRange, request, kQueryDeadline,
      absl::FunctionRef<bool(const v1::QueryRangeResponse&)>(
          [&all](const v1::QueryRangeResponse& part) {
            all.MergeFrom(part);
            return true;
          })));
  session.Print(all, TableOf(all));
  return absl::OkStatus();
}

}  // namespace

void AddMetricQuery(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("query", "Show recorded samples, oldest first");
  command->add_option("TEXT", options->contains, "Only series whose text contains this");
  AddInstant(*command, "--from", options->from, "Begin; 5 minutes before the end by default");
  AddInstant(*command, "--to", options->to, "End; now by default");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
