#include "client/cli/load_arguments.h"

#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "client/cli/arguments.h"
#include "client/cli/vm_forward.h"

namespace grayling {
namespace {

// A path means the same on the daemon's machine only when it is absolute.
absl::Status AddJmeter(const LoadArguments& load, v1::LoadSpec& spec) {
  if (load.jmeter_plan.empty()) return absl::OkStatus();
  spec.set_jmeter_plan(std::filesystem::absolute(load.jmeter_plan).lexically_normal().string());
  for (const std::string& property : load.jmeter_properties) {
    const size_t equals = property.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("-J '", property, "' has no '='; write -J NAME=VALUE"));
    }
    (*spec.mutable_jmeter_properties())[property.substr(0, equals)] = property.substr(equals + 1);
  }
  return absl::OkStatus();
}

absl::Status AddMix(const LoadArguments& load, v1::LoadSpec& spec) {
  const bool is_file = absl::EndsWith(load.mix, ".yaml") || absl::EndsWith(load.mix, ".yml");
  if (!is_file) {
    spec.set_mix(load.mix);
    return absl::OkStatus();
  }
  spec.set_mix(std::filesystem::path(load.mix).stem().string());
  GRAYLING_ASSIGN_OR_RETURN(*spec.mutable_mix_yaml(), ReadWholeFile(load.mix));
  return absl::OkStatus();
}

void AddWhere(CLI::App& command, LoadArguments& load) {
  auto* where = command.add_option_group("where");
  where->add_option("--url", load.url, "The gateway: http://127.0.0.1:PORT");
  CLI::Option* vm = where->add_option("--vm", load.vm, "A VM that forwards --guest-port");
  CLI::Option* jmeter = command.add_option(
      "--jmeter", load.jmeter_plan, "A JMeter plan (.jmx) instead of the built-in generator");
  command
      .add_option("-J", load.jmeter_properties,
                  "NAME=VALUE, with --jmeter: a property of the plan; may be repeated")
      ->needs(jmeter);
  // A plan may name its hosts itself.
  where->require_option(0, 1);
  command.parse_complete_callback([where, jmeter] {
    if (jmeter->empty() && where->count_all() == 0) {
      throw CLI::RequiredError("one of --url and --vm");
    }
  });
  command.add_option("--guest-port", load.guest_port, "With --vm: the gateway's port")
      ->capture_default_str()
      ->needs(vm);
}

void AddThinkTime(CLI::App& command, LoadArguments& load) {
  static const std::map<std::string, v1::ThinkTime> kDistributions = {
      {"gaussian", v1::THINK_TIME_GAUSSIAN},
      {"constant", v1::THINK_TIME_CONSTANT},
      {"exponential", v1::THINK_TIME_EXPONENTIAL},
      {"uniform", v1::THINK_TIME_UNIFORM}};
  command
      .add_option("--think-time", load.think_time,
                  "How pauses are distributed: gaussian, constant, exponential or uniform")
      ->transform(CLI::CheckedTransformer(kDistributions))
      ->option_text("NAME")
      ->default_str("gaussian");
  command.add_option("--think-time-ms", load.think_time_ms, "Mean pause before each request")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command
      .add_option("--think-time-deviation-ms", load.think_time_deviation_ms,
                  "Its standard deviation")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

}  // namespace

void AddLoadArguments(CLI::App& command, LoadArguments& load) {
  AddWhere(command, load);
  AddThinkTime(command, load);
  AddDuration(command, "--ramp-up", load.ramp_up, "Until the last user has entered");
  AddDuration(command, "--request-timeout", load.request_timeout,
              "After it a request has failed")
      ->default_str("10s");
  command
      .add_option("--mix", load.mix,
                  "petclinic, petclinic-stock with 10 seeded owners, or a YAML file of your own")
      ->capture_default_str();
  command.add_option("--seed", load.seed, "Equal seeds choose equal requests")
      ->capture_default_str();
}

absl::StatusOr<v1::LoadSpec> SpecOf(const LoadArguments& load, Session& session) {
  v1::LoadSpec spec;
  spec.set_base_url(load.url);
  if (load.url.empty() && !load.vm.empty()) {
    GRAYLING_ASSIGN_OR_RETURN(*spec.mutable_base_url(),
                              ForwardedUrl(session, load.vm, load.guest_port));
  }
  spec.set_think_time(load.think_time);
  spec.set_think_time_mean_ms(load.think_time_ms);
  spec.set_think_time_deviation_ms(load.think_time_deviation_ms);
  spec.set_ramp_up_s(absl::ToDoubleSeconds(load.ramp_up));
  spec.set_request_timeout_s(absl::ToDoubleSeconds(load.request_timeout));
  spec.set_seed(load.seed);
  GRAYLING_RETURN_IF_ERROR(AddMix(load, spec));
  GRAYLING_RETURN_IF_ERROR(AddJmeter(load, spec));
  return spec;
}

}  // namespace grayling
