#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

// One line of /proc/PID/mountinfo.
struct Mount {
  int id = 0;
  std::string device;  // "254:0"; major 0 when no block device is behind it
  std::string root;    // the part of the file system that is mounted
  std::string point;   // where, in the process's own view
  std::string type;
  std::string options;  // of the file system

  // An option's value, as in upperdir=/var/lib/docker/...; empty when there is none.
  std::string Option(const std::string& name) const;
};

std::vector<Mount> ParseMountInfo(std::string_view text);
Result<std::vector<Mount>> MountsOf(int pid);

// The mount of the process's own root: the last one on "/".
const Mount* RootMountOrNull(const std::vector<Mount>& mounts);

}  // namespace grayling::probe
