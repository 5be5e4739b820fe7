#pragma once

#include <string>
#include <vector>

#include "vmfault/machine_effect.h"

namespace grayling::vmfault {

// A fault that is a number in one of libvirt's knobs. Where the knob stood earlier is put on disk
// whole, and written back whole.
class TuningEffect : public MachineEffect {
 protected:
  using MachineEffect::MachineEffect;

  // The devices whose knob is turned; never empty.
  virtual Result<std::vector<std::string>> Targets(Machine& machine) = 0;
  virtual Result<Tuning> Read(Machine& machine, const std::string& target) = 0;
  virtual Status Write(Machine& machine, const std::string& target, const Tuning& tuning) = 0;
  // The values that stand for this intensity; a subset of what Read() gives.
  virtual Tuning At(double intensity) const = 0;
  // The intensity that is in force with these values; 0 or less where there is no limit.
  virtual double IntensityOf(const Tuning& tuning) const = 0;
  // Why a fault cannot stand upon these values; empty: it can.
  virtual std::string Objection(const Tuning& earlier) const = 0;
  // What of the earlier values is kept and written back.
  virtual Tuning Kept(const Tuning& earlier) const { return earlier; }

  Result<Earlier> Look(Machine& machine) final;
  Result<probe::ReadBack> Set(Machine& machine, double share) final;
  Status Check(Machine& machine) final;
  Status TakeBack(Machine& machine) final;

 private:
  using TuningsByTarget = std::map<std::string, Tuning>;

  TuningsByTarget EarlierTunings() const;
  // Compares what is there with `wanted`, name by name.
  Status Compare(Machine& machine, const std::string& target, const Tuning& wanted);

  TuningsByTarget in_force_;
};

}  // namespace grayling::vmfault
