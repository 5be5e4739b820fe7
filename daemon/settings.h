#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace grayling {

// What graylingd is told on its command line.
struct Settings {
  std::string state_directory = "/var/lib/grayling";
  std::string socket_path = "/run/grayling/graylingd.sock";
  std::string libvirt_uri = "qemu:///system";
  std::string metrics_address = "127.0.0.1:9436";
  // Of ChaosBlade's program in the guests; $PATH is tried after it.
  std::string blade_path = "/opt/chaosblade/blade";
  // When set, "<host>:<port>" of /metrics is written here once everything serves.
  std::string ready_file;
  std::string log_level = "info";
};

// Exits by itself for --help and --version and on wrong usage (code 2), as every Unix program does.
Settings ParseSettings(int argc, char** argv);

}  // namespace grayling
