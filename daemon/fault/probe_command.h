#pragma once

#include <string>
#include <vector>

#include "daemon/fault/injector.h"

namespace grayling {

// Command lines of the faults' tools, grayling-probe in the guest and grayling-vmfault on the host:
// what both understand. `tool` is the program's path, `target` the arguments that name what is
// hurt.
std::vector<std::string> ApplyArguments(const std::string& tool, const FaultOrder& order,
                                        const std::vector<std::string>& target);
std::vector<std::string> RevertArguments(const std::string& tool, const std::string& id);

}  // namespace grayling
