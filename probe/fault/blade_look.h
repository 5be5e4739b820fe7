#pragma once

#include <map>
#include <memory>
#include <string>

#include "probe/fault/blade_line.h"
#include "probe/fault/effect.h"
#include "probe/fault/fault_order.h"

namespace grayling::probe {

// Our own look, with our own eyes, at what one ChaosBlade experiment does and leaves behind. It
// never asks blade. One look is made afresh in each process that needs it, from the same order.
class BladeLook {
 public:
  virtual ~BladeLook() = default;

  // Before anything is changed. An error refuses the experiment: something is in its way that blade
  // would destroy.
  virtual Result<std::map<std::string, std::string>> ReadEarlier() {
    return std::map<std::string, std::string>();
  }
  // Waits up to some seconds until the effect is there, and measures it. An error says what is
  // there instead.
  virtual Result<ReadBack> WaitUntilThere() = 0;
  // One quick look, once a second.
  virtual Status StillThere() = 0;
  // What of the experiment can still be seen; empty when nothing.
  virtual Result<std::string> Residue() = 0;
  // Takes away what Residue() sees and nothing else.
  virtual Status CleanUp() = 0;
  // False when there is nothing to look at, so that blade's own word is all there is.
  virtual bool SeesAnything() const { return true; }
};

// The right look for the line's target and action.
std::unique_ptr<BladeLook> MakeBladeLook(const FaultOrder& order, const BladeLine& line);

}  // namespace grayling::probe
