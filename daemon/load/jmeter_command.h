#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// Where one run of JMeter writes.
struct JmeterFiles {
  std::string folder;  // the run's own; the process works in it
  std::string results() const { return folder + "/results.jtl"; }
  std::string log() const { return folder + "/jmeter.log"; }
  std::string output() const { return folder + "/output.txt"; }  // of the process
};

// INVALID_ARGUMENT when `name` is no property's name, or one that the runner needs for itself: the
// form of the results, and the port at which JMeter is told to stop.
absl::Status CheckJmeterProperty(absl::string_view name, absl::string_view value);

// INVALID_ARGUMENT when the settings do not fit a load by JMeter. Looks at no file.
absl::Status CheckJmeterSettings(const LoadSettings& settings);

// The command line, without a shell: `java` is the program's path, `home` JMeter's folder,
// `stop_port` a free UDP port. Properties made of the settings: threads, rampup and duration in
// whole seconds (duration: 7 days, for the load's owner ends it), think_time_ms,
// think_time_deviation_ms, timeout_ms, seed and, with a base_url, protocol, host and port; then
// jmeter_properties, which win. The heap is at most 512 MiB.
std::vector<std::string> JmeterCommand(const LoadSettings& settings, const std::string& java,
                                       const std::string& home, const JmeterFiles& files,
                                       uint16_t stop_port);

}  // namespace grayling
