#pragma once

#include <string>
#include <vector>

#include "vmfault/tuning_effect.h"

namespace grayling::vmfault {

// vm.cpu_cap: a quota of host CPU time for each virtual CPU (cgroup cpu controller).
class CpuCap final : public TuningEffect {
 public:
  using TuningEffect::TuningEffect;

 protected:
  Result<std::vector<std::string>> Targets(Machine& machine) override;
  Result<Tuning> Read(Machine& machine, const std::string& target) override;
  Status Write(Machine& machine, const std::string& target, const Tuning& tuning) override;
  Tuning At(double intensity) const override;
  double IntensityOf(const Tuning& tuning) const override;
  std::string Objection(const Tuning& earlier) const override;
  Tuning Kept(const Tuning& earlier) const override;
};

}  // namespace grayling::vmfault
