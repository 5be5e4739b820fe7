#pragma once

#include <map>
#include <string>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

// A `blade create` line, taken apart: {"/opt/chaosblade/blade", "create", "cri", "network",
// "delay", "--interface", "eth0", "--time", "40", "--uid", ..., "--timeout", ...}.
struct BladeLine {
  std::vector<std::string> argv;             // as it is run
  std::string scope;                         // cri, docker; empty: the guest itself
  std::string target;                        // network, cpu, mem, disk, process, jvm ...
  std::string action;                        // delay; empty when blade's line has none
  std::string uid;                           // our own, 16 hexadecimal digits
  std::map<std::string, std::string> flags;  // without dashes; "true" for a flag without a value

  bool IsInContainer() const { return !scope.empty(); }
  std::string Flag(const std::string& name) const;             // "" when absent
  double Number(const std::string& name, double other) const;  // `other` when it is no number
};

// Error when the line does not create, is of the scope k8s, or lacks our --uid or a --timeout.
Result<BladeLine> ParseBladeLine(const std::vector<std::string>& argv);

}  // namespace grayling::probe
