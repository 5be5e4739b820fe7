#pragma once

#include <memory>
#include <string>

#include "probe/fault/effect.h"
#include "vmfault/machine.h"

namespace grayling::vmfault {

using Earlier = std::map<std::string, std::string>;

// Key in Earlier: the libvirt that has the VM. Whoever takes the fault back asks the same one.
inline constexpr char kPlace[] = "libvirt";

// What all faults on a VM share: they belong to one run of it. A VM that was restarted has lost the
// fault by itself, and nothing of it is taken back from the new run. Nothing is opened before the
// first call.
class MachineEffect : public probe::Effect {
 public:
  // Fills the kind's defaults in.
  MachineEffect(probe::FaultOrder order, MachineOpener open);

  // Refuses a VM that does not run.
  Result<Earlier> ReadEarlier() final;
  Result<probe::ReadBack> Apply() final;
  Status SetShare(double share) final;
  // Libvirt's silence is no loss of the fault; the end of the VM's run is.
  Status StillThere() final;
  // Waits for a libvirt that is just being restarted, up to ten seconds.
  Status Revert() final;

 protected:
  // What TakeBack() must restore. Refuses what cannot be done; changes nothing.
  virtual Result<Earlier> Look(Machine& machine) = 0;
  // Brings the fault to `share` of what was asked and reads it back.
  virtual Result<probe::ReadBack> Set(Machine& machine, double share) = 0;
  virtual Status Check(Machine& machine) = 0;
  // Restores and reads the restored state back. With nothing in Earlier() there is nothing to do
  // except for what can be found without it.
  virtual Status TakeBack(Machine& machine) = 0;

  const probe::FaultOrder& order() const { return order_; }
  const MachineOpener& opener() const { return open_; }
  // The intensity in force at `share`, in the catalogue's unit.
  double IntensityAtShare(double share) const;
  // Name of the parameter that is the intensity.
  std::string IntensityName() const;

 private:
  Result<Machine*> Opened();
  // False when the run that was hurt is over.
  Result<bool> IsSameRun();
  Status TryToRevert();

  probe::FaultOrder order_;
  MachineOpener open_;
  std::unique_ptr<Machine> machine_;
};

// "1 network card", "3 disks"
std::string Count(std::size_t number, const std::string& thing);
// "40", "0.5"
std::string Short(double number);

}  // namespace grayling::vmfault
