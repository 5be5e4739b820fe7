#include "client/cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <ostream>

#include "client/cli/commands/commands.h"
#include "client/cli/daemon_address.h"
#include "client/cli/session.h"

namespace grayling {
namespace {

constexpr int kError = 1;
constexpr int kUsage = 2;
constexpr const char* kDefaultDaemon = "unix:///run/grayling/graylingd.sock";

int Fail(const absl::Status& status, int exit_status, std::ostream& err) {
  err << "grayling: " << std::string(status.message()) << "\n" << std::flush;
  return exit_status;
}

int RunParsed(const Invocation& invocation, Session& session) {
  const absl::Status status = invocation.run(session);
  return status.ok() ? 0 : Fail(status, kError, session.err());
}

}  // namespace

int RunCommandLine(std::vector<std::string> arguments, std::ostream& out, std::ostream& err,
                   bool err_is_terminal) {
  std::string daemon = kDefaultDaemon;
  OutputFormat format = OutputFormat::kTable;
  Invocation invocation;

  CLI::App app("Finds gray failures: drives graylingd, the laboratory and detector.", "grayling");
  app.fallthrough();
  app.require_subcommand(1);
  app.set_version_flag("--version", "grayling " GRAYLING_VERSION);
  app.add_option("--daemon", daemon, "graylingd's address: unix:///PATH or 127.0.0.1:PORT")
      ->envname("GRAYLING_DAEMON")
      ->capture_default_str();
  const std::map<std::string, OutputFormat> formats = {{"table", OutputFormat::kTable},
                                                       {"json", OutputFormat::kJson},
                                                       {"yaml", OutputFormat::kYaml},
                                                       {"csv", OutputFormat::kCsv}};
  app.add_option("-o,--output", format, "Form of the answer: table, json, yaml or csv")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("FORMAT")
      ->default_str("table");
  AddAllCommands(app, invocation);

  try {
    // CLI11 takes them from the back.
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
  } catch (const CLI::Success& success) {
    return app.exit(success, out, err);
  } catch (const CLI::ParseError& error) {
    err << "grayling: " << error.what() << "\nHINT: --help after any command shows its options\n"
        << std::flush;
    return kUsage;
  }
  const absl::StatusOr<std::string> address = DaemonAddress(daemon);
  if (!address.ok()) return Fail(address.status(), kUsage, err);
  Session session(*address, format, out, err, err_is_terminal);
  return RunParsed(invocation, session);
}

}  // namespace grayling
