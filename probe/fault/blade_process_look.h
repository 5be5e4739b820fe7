#pragma once

#include <string>
#include <vector>

#include "probe/fault/blade_look.h"
#include "probe/fault/process_identity.h"

namespace grayling::probe {

// process kill and stop on the processes of a name in the container's cgroup. They are written down
// before: all of them must be gone (kill) or stopped (stop). blade works inside the container's
// process namespace, where a KILL or STOP to the container's first process has no effect at all.
class BladeProcessLook final : public BladeLook {
 public:
  BladeProcessLook(const FaultOrder& order, const BladeLine& line);

  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> WaitUntilThere() override;
  Status StillThere() override;
  // A process that still stands. What was killed is gone: blade does not start it again.
  Result<std::string> Residue() override;
  Status CleanUp() override;

 private:
  std::vector<ProcessIdentity> Standing() const;
  // How many of them are as the experiment wants them.
  std::size_t CountHit() const;

  bool is_stop_;
  std::string cgroup_;
  std::string name_;
  std::vector<ProcessIdentity> victims_;
};

}  // namespace grayling::probe
