#include "client/cli/commands/commands.h"

#include <map>
#include <memory>
#include <string>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/load_arguments.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/load.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  LoadArguments load;
  uint32_t users = 10;
  double rate = 0;
  v1::Arrivals arrivals = v1::ARRIVALS_POISSON;
  uint32_t most_in_flight = 500;
};

absl::Status Run(const Options& options, Session& session) {
  v1::StartLoadRequest request;
  v1::LoadSpec& spec = *request.mutable_spec();
  GRAYLING_ASSIGN_OR_RETURN(spec, SpecOf(options.load, session));
  if (options.rate > 0) {
    spec.set_rate(options.rate);
    spec.set_arrivals(options.arrivals);
    spec.set_most_in_flight(options.most_in_flight);
  } else {
    spec.set_users(options.users);
  }
  const auto load = Call<v1::LoadService>(session, &v1::LoadService::Stub::StartLoad, request);
  if (!load.ok()) return load.status();
  session.Print(*load, TableOf(*load));
  return absl::OkStatus();
}

void AddOpenLoop(CLI::App& command, Options& options, CLI::Option* users) {
  static const std::map<std::string, v1::Arrivals> kArrivals = {
      {"poisson", v1::ARRIVALS_POISSON}, {"constant", v1::ARRIVALS_CONSTANT}};
  CLI::Option* rate =
      command
          .add_option("--rate", options.rate,
                      "Open loop: so many requests a second, whatever the answers do")
          ->check(CLI::PositiveNumber)
          ->excludes(users);
  command.add_option("--arrivals", options.arrivals, "With --rate: poisson or constant")
      ->transform(CLI::CheckedTransformer(kArrivals))
      ->option_text("NAME")
      ->default_str("poisson")
      ->needs(rate);
  command
      .add_option("--most-in-flight", options.most_in_flight,
                  "With --rate: requests that wait for an answer at one time")
      ->capture_default_str()
      ->needs(rate);
}

}  // namespace

void AddLoadStart(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("start", "Put load on the application until stopped");
  AddLoadArguments(*command, options->load);
  CLI::Option* users =
      command->add_option("--users", options->users, "Users in a closed loop")->capture_default_str();
  AddOpenLoop(*command, *options, users);
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
