#pragma once

#include <string>

#include "probe/kernel/result.h"

namespace grayling::probe {

// One file of a container's cgroup that a fault changes for a time, such as cpu.max.
class CgroupSetting {
 public:
  CgroupSetting(const std::string& cgroup, const std::string& file)
      : name_(file), path_(cgroup + "/" + file) {}

  // Byte for byte. An error says that the container's cgroup has no such file.
  Result<std::string> Read() const;
  Status Write(const std::string& content) const;
  // Writes what Read() gave before the fault, and reads it back. An empty `earlier` was never
  // recorded, so nothing was changed; nor is there anything to restore when the cgroup is gone.
  Status Restore(const std::string& earlier) const;

 private:
  std::string name_;
  std::string path_;
};

}  // namespace grayling::probe
