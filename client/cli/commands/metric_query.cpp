#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/match.h"
#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/commands/commands.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/metric.grpc.pb.h"

namespace grayling {
namespace {

constexpr absl::Duration kQueryDeadline = absl::Minutes(5);

const std::map<std::string, v1::Aggregation> kAggregations = {
    {"last", v1::AGGREGATION_LAST},   {"mean", v1::AGGREGATION_MEAN},
    {"min", v1::AGGREGATION_MIN},     {"max", v1::AGGREGATION_MAX},
    {"sum", v1::AGGREGATION_SUM},     {"count", v1::AGGREGATION_COUNT},
    {"rate", v1::AGGREGATION_RATE},   {"increase", v1::AGGREGATION_INCREASE},
    {"delta", v1::AGGREGATION_DELTA},
};

struct Options {
  std::string selector;
  std::string contains;
  absl::Time from = absl::InfinitePast();
  absl::Time to = absl::InfiniteFuture();
  absl::Duration step;
  std::string as = "last";
};

// Appends a message to the answer; a series that goes on stays one entry.
void Append(const v1::QueryRangeResponse& part, v1::QueryRangeResponse& all) {
  for (const v1::SeriesSamples& samples : part.series()) {
    if (all.series_size() == 0 || all.series().rbegin()->series() != samples.series()) {
      *all.add_series() = samples;
      continue;
    }
    all.mutable_series()->rbegin()->mutable_times_ms()->MergeFrom(samples.times_ms());
    all.mutable_series()->rbegin()->mutable_values()->MergeFrom(samples.values());
  }
}

absl::Status Run(const Options& options, Session& session) {
  const absl::Time to = std::min(options.to, absl::Now());
  const absl::Time from =
      options.from == absl::InfinitePast() ? to - absl::Minutes(5) : options.from;
  v1::QueryRangeRequest request;
  request.set_selector(options.selector);
  request.set_contains(options.contains);
  ToProto(from, request.mutable_start_time());
  ToProto(to, request.mutable_end_time());
  if (options.step > absl::ZeroDuration()) {
    ToProto(options.step, request.mutable_step());
    request.set_aggregation(kAggregations.at(options.as));
  }
  const bool rows_at_once = session.format() == OutputFormat::kCsv;
  v1::QueryRangeResponse all;
  GRAYLING_RETURN_IF_ERROR(Stream<v1::MetricService>(
      session, &v1::MetricService::Stub::QueryRange, request, kQueryDeadline,
      absl::FunctionRef<bool(const v1::QueryRangeResponse&)>(
          [&](const v1::QueryRangeResponse& part) {
            if (rows_at_once) {
              session.PrintRow(part, TableOf(part));
            } else {
              Append(part, all);
            }
            return true;
          })));
  if (!rows_at_once) session.Print(all, TableOf(all));
  return absl::OkStatus();
}

}  // namespace

void AddMetricQuery(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand(
      "query", "Show recorded samples, or one value per step; series after series");
  command->add_option("SELECTOR", options->selector,
                      "Prometheus's matchers: 'name{a=\"x\",b=~\"v.*\"}'; every series by default");
  command->add_option("--contains", options->contains, "Only series whose text contains this");
  AddInstant(*command, "--from", options->from, "Begin; 5 minutes before the end by default");
  AddInstant(*command, "--to", options->to, "End; now by default");
  CLI::Option* step = AddDuration(*command, "--step", options->step,
                                  "One value per step, of the samples since the step before");
  CLI::Option* as = command->add_option("--as", options->as, "What becomes of a step's samples");
  as->check(CLI::IsMember(kAggregations))->needs(step)->default_str("last");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
