#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grayling {

// What graylingd is told on its command line.
struct Settings {
  std::string state_directory = "/var/lib/grayling";
  std::string socket_path = "/run/grayling/graylingd.sock";
  std::string libvirt_uri = "qemu:///system";
  std::string metrics_address = "127.0.0.1:9436";
  // Of ChaosBlade's program in the guests; $PATH is tried after it.
  std::string blade_path = "/opt/chaosblade/blade";
  // Where samples are kept: "embedded", in the state folder, or "victoriametrics".
  std::string sample_store = "embedded";
  std::string victoriametrics_url = "http://127.0.0.1:8428";
  // Where it is read, when that is another address, as in a cluster.
  std::string victoriametrics_read_url;
  // Of the samples that wait for VictoriaMetrics.
  uint64_t sample_spool_mib = 4096;
  // Where remote write is taken: 127.0.0.1:9437. Empty: nowhere.
  std::string ingest_address;
  // gala-gopher's metrics from Kafka: host:port,host:port. Empty: none are taken.
  std::string kafka_brokers;
  std::string kafka_topic = "gala_gopher";
  std::string kafka_metadata_topic = "gala_gopher_metadata";
  // How long samples outside pins are kept. 0: for ever.
  absl::Duration retention;
  // When set, "<host>:<port>" of /metrics is written here once everything serves; the ingest
  // address, if there is one, is its second line.
  std::string ready_file;
  std::string log_level = "info";
  // The tool that keeps faults of VMs; empty: grayling-vmfault beside graylingd's own executable.
  std::string vmfault_path;
  // Its marks. They outlive the daemon; a tmpfs, so that they do not outlive the host's VMs.
  std::string vmfault_marks = "/run/grayling/vm-faults";
  // Where faults become annotations: http://127.0.0.1:3000. Empty: nowhere.
  std::string grafana_url;
  // A file with its token; empty: the environment's GRAYLING_GRAFANA_TOKEN, or none.
  std::string grafana_token_file;
  // Apache JMeter 5: the folder of bin/ApacheJMeter.jar. Needed by loads with a JMeter plan alone.
  std::string jmeter_home = "/var/cache/grayling/jmeter-5.6.3";
};

// Exits by itself for --help and --version and on wrong usage (code 2), as every Unix program does.
Settings ParseSettings(int argc, char** argv);

}  // namespace grayling
