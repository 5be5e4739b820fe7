#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/calibration.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string name;
};

absl::Status Run(const Options& options, Session& session) {
  if (!options.name.empty()) {
    v1::GetCalibrationRequest request;
    request.set_name(ResourceName("calibrations", options.name));
    const auto one = Call<v1::CalibrationService>(
        session, &v1::CalibrationService::Stub::GetCalibration, request);
    if (!one.ok()) return one.status();
    session.Print(*one, TableOf(*one));
    return absl::OkStatus();
  }
  const auto all = CallAllPages<v1::CalibrationService>(
      session, &v1::CalibrationService::Stub::ListCalibrations, v1::ListCalibrationsRequest());
  if (!all.ok()) return all.status();
  session.Print(*all, TableOf(*all));
  return absl::OkStatus();
}

}  // namespace

void AddFaultCalibrations(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      group.add_subcommand("calibrations", "List the calibrations, or show one with its points");
  command->add_option("NAME", options->name, "The calibration to show");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
