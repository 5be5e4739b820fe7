#include "client/cli/commands/commands.h"

#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/dispatch.h"
#include "client/cli/output/tables.h"
#include "grayling/v1/model.grpc.pb.h"

namespace grayling {
namespace {

struct Options {
  std::string file;
  std::string description;
};

absl::Status Run(const Options& options, Session& session) {
  v1::UploadModelRequest request;
  GRAYLING_ASSIGN_OR_RETURN(*request.mutable_content(), ReadWholeFile(options.file));
  request.set_description(options.description);
  const auto model = Call<v1::ModelService>(session, &v1::ModelService::Stub::UploadModel, request);
  if (!model.ok()) return model.status();
  session.Print(*model, TableOf(*model));
  return absl::OkStatus();
}

}  // namespace

void AddModelUpload(CLI::App& group, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = group.add_subcommand("upload", "Give the daemon a model");
  command->add_option("FILE", options->file, "What grayling-ml fit wrote")->required();
  command->add_option("--description", options->description, "For people");
  RunWhenNamed(*command, invocation, options, &Run);
}

}  // namespace grayling
