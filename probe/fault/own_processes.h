#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

// Processes whose name begins with `prefix` and that are none of a container's: those live in
// another process namespace, so a container cannot make us kill anything. Not including ourselves.
std::vector<pid_t> OwnProcesses(const std::string& prefix);

// Kills every own process of exactly this name and waits until they are gone.
Status KillOwnProcesses(const std::string& name);

}  // namespace grayling::probe
