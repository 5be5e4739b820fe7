#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/fault_shape.h"
#include "client/cli/session.h"

namespace grayling {

// "lab" and "vms/lab" are both vms/lab.
std::string ResourceName(const std::string& collection, const std::string& name);

// Options whose text becomes a typed value while the command line is parsed; a text that cannot is
// a usage error. All write into the given reference, which must outlive the parser.
CLI::Option* AddDuration(CLI::App& command, const std::string& name, absl::Duration& value,
                         const std::string& description);
// RFC 3339, "now", or how long ago: 5m.
CLI::Option* AddInstant(CLI::App& command, const std::string& name, absl::Time& value,
                        const std::string& description);
// --name key=value, repeatable.
CLI::Option* AddLabels(CLI::App& command, const std::string& name,
                       std::map<std::string, std::string>& labels, const std::string& description);
// --name key=value, repeatable: a number is one of the numbers, anything else one of the words.
CLI::Option* AddNumbersAndWords(CLI::App& command, const std::string& name,
                                std::map<std::string, double>& numbers,
                                std::map<std::string, std::string>& words,
                                const std::string& description);
// --name ramp,from=0.2
CLI::Option* AddShape(CLI::App& command, const std::string& name, FaultShape& shape,
                      const std::string& description);
// An option that may be given several times, one value each.
CLI::Option* AddRepeated(CLI::App& command, const std::string& name,
                         std::vector<std::string>& values, const std::string& description);

// Whether `text` is a duration that is not negative.
bool ReadDuration(const std::string& text, absl::Duration& value);
bool ReadInstant(const std::string& text, absl::Time now, absl::Time& value);

absl::StatusOr<std::string> ReadWholeFile(const std::string& path);
// Replaces what is there. The error names the path.
absl::Status WriteWholeFile(const std::string& path, const std::string& text);

// Makes `run` the invocation's job when `command` is the one that was named.
template <typename Options>
void RunWhenNamed(CLI::App& command, Invocation& invocation, std::shared_ptr<Options> options,
                  absl::Status (*run)(const Options&, Session&)) {
  command.callback([&invocation, options, run] {
    invocation.run = [options, run](Session& session) { return run(*options, session); };
  });
}

}  // namespace grayling
