#pragma once

#include <string>

#include "probe/fault/blade_look.h"

namespace grayling::probe {

// A file that blade makes in the folder of its flag --path (default /), as seen from the guest.
std::string BladeFilePath(const FaultOrder& order, const BladeLine& line, const std::string& name);

// disk fill: a file of the size asked for, where there was none before.
class BladeFillLook final : public BladeLook {
 public:
  BladeFillLook(const FaultOrder& order, const BladeLine& line);

  // Refuses a folder with such a file in it, and a size that leaves less space than the order's
  // keep_free_mib: blade has no such floor.
  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> WaitUntilThere() override;
  Status StillThere() override;
  Result<std::string> Residue() override;
  Status CleanUp() override;

 private:
  double SizeMib() const;  // 0 when there is no such file

  std::string file_;
  double asked_mib_;  // 0: it was asked for otherwise
  double keep_free_mib_;
};

}  // namespace grayling::probe
