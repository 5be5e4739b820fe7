#include "client/cli/commands/commands.h"

#include <memory>
#include <ostream>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/load_arguments.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/load.grpc.pb.h"

namespace grayling {
namespace {

// Two looks at each of some twenty numbers, an hour each at the most.
constexpr absl::Duration kLongestSearch = absl::Hours(48);

struct Options {
  LoadArguments load;
  std::string limits = "errors<=1%";
  uint32_t first = 5;
  uint32_t most = 500;
  absl::Duration look = absl::Seconds(20);
};

absl::Status Run(const Options& options, Session& session) {
  v1::CalibrateLoadRequest request;
  GRAYLING_ASSIGN_OR_RETURN(*request.mutable_spec(), SpecOf(options.load, session));
  request.set_limits(options.limits);
  request.set_first_users(options.first);
  request.set_most_users(options.most);
  request.set_look_s(static_cast<uint32_t>(absl::ToInt64Seconds(options.look)));
  v1::CalibrateLoadResponse result;
  const absl::Status status = Stream<v1::LoadService>(
      session, &v1::LoadService::Stub::CalibrateLoad, request, kLongestSearch,
      absl::FunctionRef<bool(const v1::CalibrateLoadResponse&)>(
          [&](const v1::CalibrateLoadResponse& answer) {
            if (answer.done()) {
              result = answer;
            } else {
              session.PrintRow(answer, TableOf(answer));
            }
            return true;
          }));
  if (!status.ok()) return status;
  session.err() << result.verdict() << "\n";
  if (result.users() > 0) return absl::OkStatus();
  return absl::FailedPreconditionError("no number of users was found");
}

}  // namespace

void AddLoadCalibrate(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand(
      "calibrate", "Find the largest number of users that the application bears; prints the curve");
  AddLoadArguments(*command, options->load);
  command->add_option("--limits", options->limits, "What clients must be granted: errors<=1%,p95<=1s")
      ->capture_default_str();
  command->add_option("--first", options->first, "The number of users to begin with")
      ->capture_default_str();
  command->add_option("--most", options->most, "No more users than these are tried")
      ->capture_default_str();
  AddDuration(*command, "--look", options->look, "How long each number is looked at")
      ->default_str("20s");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
