#include "client/cli/commands/commands.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "client/cli/vm_forward.h"
#include "grayling/v1/load.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string url;
  std::string vm;
  uint32_t guest_port = 8080;
  uint32_t users = 10;
  double think_time_ms = 300;
  double think_time_deviation_ms = 100;
  absl::Duration ramp_up = absl::Seconds(5);
  std::string mix = "petclinic";
  uint64_t seed = 1;
  std::string jmeter_plan;
  std::vector<std::string> jmeter_properties;  // NAME=VALUE
};

// A path means the same on the daemon's machine only when it is absolute.
absl::Status AddJmeter(const Options& options, v1::LoadSpec& spec) {
  if (options.jmeter_plan.empty()) return absl::OkStatus();
  spec.set_jmeter_plan(std::filesystem::absolute(options.jmeter_plan).lexically_normal().string());
  for (const std::string& property : options.jmeter_properties) {
    const size_t equals = property.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("-J '", property, "' has no '='; write -J NAME=VALUE"));
    }
    (*spec.mutable_jmeter_properties())[property.substr(0, equals)] = property.substr(equals + 1);
  }
  return absl::OkStatus();
}

absl::Status Run(const Options& options, Session& session) {
  v1::StartLoadRequest request;
  v1::LoadSpec& spec = *request.mutable_spec();
  spec.set_base_url(options.url);
  if (options.url.empty() && !options.vm.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(*spec.mutable_base_url(),
                              ForwardedUrl(session, options.vm, options.guest_port));
  }
  spec.set_users(options.users);
  spec.set_think_time_mean_ms(options.think_time_ms);
  spec.set_think_time_deviation_ms(options.think_time_deviation_ms);
  spec.set_ramp_up_s(absl::ToDoubleSeconds(options.ramp_up));
  spec.set_mix(options.mix);
  spec.set_seed(options.seed);
  GRAYLING_RETURN_IF_ERROR(AddJmeter(options, spec));
  const auto load = Call<v1::LoadService>(session, &v1::LoadService::Stub::StartLoad, request);
  if (!load.ok()) return load.status();
  session.Print(*load, TableOf(*load));
  return absl::OkStatus();
}

}  // namespace

void AddLoadStart(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("start", "Put load on the application until stopped");
  auto* where = command->add_option_group("where");
  where->add_option("--url", options->url, "The gateway: http://127.0.0.1:PORT");
  CLI::Option* vm = where->add_option("--vm", options->vm, "A VM that forwards --guest-port");
  CLI::Option* jmeter = command->add_option(
      "--jmeter", options->jmeter_plan, "A JMeter plan (.jmx) instead of the built-in generator");
  command
      ->add_option("-J", options->jmeter_properties,
                   "NAME=VALUE, with --jmeter: a property of the plan; may be repeated")
      ->needs(jmeter);
  // A plan may name its hosts itself.
  where->require_option(0, 1);
  command->parse_complete_callback([where, jmeter] {
    if (jmeter->empty() && where->count_all() == 0) {
      throw CLI::RequiredError("one of --url and --vm");
    }
  });
  command->add_option("--guest-port", options->guest_port, "With --vm: the gateway's port")
      ->capture_default_str()
      ->needs(vm);
  command->add_option("--users", options->users, "Users in a closed loop")->capture_default_str();
  command->add_option("--think-time-ms", options->think_time_ms, "Mean pause before each request")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      ->add_option("--think-time-deviation-ms", options->think_time_deviation_ms,
                   "Its standard deviation")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  AddDuration(*command, "--ramp-up", options->ramp_up, "Until the last user has entered");
  command->add_option("--mix", options->mix, "petclinic, or petclinic-stock with 10 seeded owners")
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Equal seeds choose equal requests")
      ->capture_default_str();
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
