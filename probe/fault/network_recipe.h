#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/fault_kinds.h"
#include "probe/fault/fault_order.h"
#include "probe/kernel/netem.h"
#include "probe/kernel/netem_correlation.h"

namespace grayling::probe {

// A network fault's order in netem's terms, at every share of its intensity. At share 0 netem does
// nothing: a packet passes as without it.
class NetworkRecipe {
 public:
  // `order` has passed Validate().
  explicit NetworkRecipe(const FaultOrder& order);

  NetemSettings SettingsAt(double share) const;
  const std::vector<std::int16_t>& distribution() const { return distribution_; }

  // What the kernel holds, under the catalogue's names. `held` is equal to SettingsAt(share).
  std::map<std::string, double> ValuesOf(const NetemSettings& held, double share) const;

 private:
  // Of the parameter that is the intensity.
  double IntensityAtShare(double share) const;
  std::uint32_t SharePercent(double percent) const { return correlation_.ThresholdFor(percent); }
  std::uint32_t CorrelationShare() const;

  FaultKind kind_;
  FaultParameters parameters_;
  NetemCorrelation correlation_;
  std::vector<std::int16_t> distribution_;
};

}  // namespace grayling::probe
