#include "daemon/settings.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace grayling {
namespace {

// 30d, 12h or 1h30m; 0 is 0.
bool ReadRetention(const std::string& text, absl::Duration& value) {
  int64_t days = 0;
  absl::string_view number = text;
  if (absl::ConsumeSuffix(&number, "d") && absl::SimpleAtoi(number, &days)) {
    value = days * absl::Hours(24);
  } else if (!absl::ParseDuration(text, &value)) {
    return false;
  }
  return value >= absl::ZeroDuration() && value < absl::InfiniteDuration();
}

}  // namespace

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
  app.add_option("--ingest-address", settings.ingest_address,
                 "ADDRESS:PORT where Prometheus's remote write is taken; empty: nowhere");
  app.add_option("--kafka-brokers", settings.kafka_brokers,
                 "HOST:PORT,... of Kafka, where gala-gopher's metrics are read; empty: nowhere");
  app.add_option("--kafka-topic", settings.kafka_topic, "Topic of gala-gopher's metrics");
  app.add_option("--kafka-metadata-topic", settings.kafka_metadata_topic, "Topic of its metadata");
  const auto read_retention = [&settings](const std::string& text) {
    if (ReadRetention(text, settings.retention)) return;
    throw CLI::ValidationError(
        "--retention", absl::StrCat("'", text, "' is no time to keep samples; write 30d or 12h"));
  };
  app.add_option_function<std::string>("--retention", read_retention,
                                       "How long samples are kept, pinned ones longer; 0: for ever")
      ->type_name("DURATION")
      ->default_str("0");
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
