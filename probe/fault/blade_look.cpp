#include "probe/fault/blade_look.h"

#include <array>

#include "probe/fault/blade_burner_look.h"
#include "probe/fault/blade_disk.h"
#include "probe/fault/blade_network_look.h"
#include "probe/fault/blade_process_look.h"

namespace grayling::probe {
namespace {

// Where there is nothing to see from outside: the JVM's inside, files, scripts, names.
class BladesOwnWord final : public BladeLook {
 public:
  explicit BladesOwnWord(std::string what) : what_(std::move(what)) {}

  Result<ReadBack> WaitUntilThere() override {
    return ReadBack{what_ + " by blade's own word; not verified independently", {}};
  }
  Status StillThere() override { return Done{}; }
  Result<std::string> Residue() override { return std::string(); }
  Status CleanUp() override { return Done{}; }
  bool SeesAnything() const override { return false; }

 private:
  std::string what_;
};

bool ShapesPackets(const BladeLine& line) {
  for (const char* action : {"delay", "loss", "corrupt", "duplicate", "reorder"}) {
    if (line.target == "network" && line.action == action) return true;
  }
  return false;
}

}  // namespace

std::unique_ptr<BladeLook> MakeBladeLook(const FaultOrder& order, const BladeLine& line) {
  if (ShapesPackets(line)) return std::make_unique<BladeNetworkLook>(order, line);
  if (line.target == "cpu") return std::make_unique<BladeCpuLook>(order, line);
  if (line.target == "mem") return std::make_unique<BladeMemoryLook>(order, line);
  if (line.target == "disk" && line.action == "fill") {
    return std::make_unique<BladeFillLook>(order, line);
  }
  if (line.target == "disk" && line.action == "burn") {
    return std::make_unique<BladeBurnLook>(order, line);
  }
  const bool is_in_cgroup = line.IsInContainer() && !line.Flag("process").empty();
  if (line.target == "process" && is_in_cgroup &&
      (line.action == "kill" || line.action == "stop")) {
    return std::make_unique<BladeProcessLook>(order, line);
  }
  return std::make_unique<BladesOwnWord>(line.target + " " + line.action);
}

}  // namespace grayling::probe
