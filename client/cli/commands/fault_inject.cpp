#include "client/cli/commands/commands.h"

#include <memory>

#include "base/proto_shape.h"
#include "base/proto_time.h"
#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/fault_arguments.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/fault.grpc.pb.h"

namespace grayling {
namespace {

// Arming, applying and reading back take several commands in a guest that may be slow.
constexpr absl::Duration kInjectDeadline = absl::Minutes(2);

struct Options {
  FaultArguments fault;
  FaultShape shape;
  std::string backend = "native";
  std::vector<std::string> arguments;
  absl::Duration duration;
};

absl::Status Run(const Options& options, Session& session) {
  v1::InjectFaultRequest request;
  v1::FaultSpec& spec = *request.mutable_spec();
  spec = SpecOf(options.fault);
  *spec.mutable_shape() = ToShapeProto(options.shape);
  spec.set_backend(options.backend);
  spec.mutable_arguments()->Assign(options.arguments.begin(), options.arguments.end());
  ToProto(options.duration, spec.mutable_duration());
  const auto fault = Call<v1::FaultService>(session, &v1::FaultService::Stub::InjectFault, request,
                                            kInjectDeadline);
  if (!fault.ok()) return fault.status();
  session.Print(*fault, TableOf(*fault));
  return absl::OkStatus();
}

}  // namespace

void AddFaultInject(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("inject", "Inject a fault; returns when its effect was read back");
  AddFaultArguments(*command, options->fault, "A parameter or an option of the kind; repeatable");
  AddShape(
      *command, "--shape", options->shape,
      "How the intensity moves: constant, ramp, step, pulse or random_walk, with its settings: "
      "pulse,period_s=10,duty=0.5");
  command->add_option("--backend", options->backend, "native or chaosblade")->default_str("native");
  command->add_option("ARGUMENT", options->arguments, "Kind blade: what follows `blade create`");
  AddDuration(*command, "--duration", options->duration, "The fault ends by itself after this time")
      ->required()
      ->default_str("");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
