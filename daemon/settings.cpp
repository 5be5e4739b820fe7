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
  app.add_option("--sample-store", settings.sample_store,
                 "Where samples are kept: embedded or victoriametrics")
      ->check(CLI::IsMember({"embedded", "victoriametrics"}));
  app.add_option("--victoriametrics-url", settings.victoriametrics_url,
                 "VictoriaMetrics' address, with the path before /api/v1");
  app.add_option("--victoriametrics-read-url", settings.victoriametrics_read_url,
                 "Where it is read; empty: the same address");
  app.add_option("--sample-spool-mib", settings.sample_spool_mib,
                 "Largest size of the samples that wait for VictoriaMetrics, in MiB")
      ->check(CLI::PositiveNumber);
  app.add_option("--blade", settings.blade_path,
                 "ChaosBlade's program in the guests; $PATH is tried after it");
  app.add_option("--ready-file", settings.ready_file,
                 "File that gets the address of /metrics once the daemon serves");
  app.add_option("--log-level", settings.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  app.add_option("--vmfault", settings.vmfault_path,
                 "Program that keeps faults of VMs; empty: grayling-vmfault beside graylingd");
  app.add_option("--vmfault-marks", settings.vmfault_marks,
                 "Its folder of fault marks, in a tmpfs; one for all daemons of this host");
  app.add_option("--grafana-url", settings.grafana_url,
                 "Grafana's address, where faults become annotations");
  app.add_option("--grafana-token-file", settings.grafana_token_file,
                 "File with Grafana's token; else GRAYLING_GRAFANA_TOKEN of the environment");
  app.add_option("--jmeter-home", settings.jmeter_home,
                 "Folder of Apache JMeter 5, for loads with a JMeter plan");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 2);
  }
  return settings;
}

}  // namespace grayling
