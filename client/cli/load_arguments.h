#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/session.h"
#include "grayling/v1/load.pb.h"

namespace grayling {

// What a command line says about a load: where it goes, and what it asks for.
struct LoadArguments {
  std::string url;
  std::string vm;
  uint32_t guest_port = 8080;
  v1::ThinkTime think_time = v1::THINK_TIME_GAUSSIAN;
  double think_time_ms = 300;
  double think_time_deviation_ms = 100;
  absl::Duration ramp_up = absl::Seconds(5);
  absl::Duration request_timeout = absl::Seconds(10);
  std::string mix = "petclinic";  // or the path of a YAML file
  uint64_t seed = 1;
  std::string jmeter_plan;
  std::vector<std::string> jmeter_properties;  // NAME=VALUE
};

// --url, --vm, --guest-port, --think-time and so on, --mix, --jmeter and -J. `load` must outlive
// the parser.
void AddLoadArguments(CLI::App& command, LoadArguments& load);

// Without users and rate. Reads a mix's file, and asks the daemon for the port of a VM.
absl::StatusOr<v1::LoadSpec> SpecOf(const LoadArguments& load, Session& session);

}  // namespace grayling
