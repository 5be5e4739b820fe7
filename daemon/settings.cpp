#include "daemon/settings.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

namespace grayling {

Settings ParseSettings(int argc, char** argv) {
  Settings settings;
  CLI::App app("graylingd: owns VMs, injects gray faults, records metrics, detects live");
  app.option_defaults()->always_capture_default();
  app.set_version_flag("--version", "graylingd " GRAYLING_VERSION);
  app.add_option("--state", settings.state_directory, "Folder of the databases; made when missing");
  app.add_option("--socket", settings.socket_path, "Unix socket of the gRPC control plane");
  app.add_option("--libvirt", settings.libvirt_uri, "libvirt connection URI");
  app.add_option("--metrics", settings.metrics_address,
                 "ADDRESS:PORT of /metrics; port 0 picks one");
  app.add_option("--blade", settings.blade_path,
                 "ChaosBlade's program in the guests; $PATH is tried after it");
  app.add_option("--ready-file", settings.ready_file,
                 "File that gets the address of /metrics once the daemon serves");
  app.add_option("--log-level", settings.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return settings;
}

}  // namespace grayling
