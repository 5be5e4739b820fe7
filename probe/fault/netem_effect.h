#pragma once

#include <map>
#include <string>
#include <vector>

#include "probe/fault/effect.h"
#include "probe/fault/network_link_end.h"
#include "probe/fault/network_recipe.h"

namespace grayling::probe {

// The kinds network.*: netem at one end of a container's veth pair or at both, on every packet or
// on those of some peers or of a port.
class NetemEffect final : public Effect {
 public:
  explicit NetemEffect(const FaultOrder& order);

  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override;
  Status Revert() override;

 private:
  Status CheckOrder() const;

  FaultOrder order_;
  NetworkRecipe recipe_;
  std::vector<LinkEnd> ends_;
  double share_;  // in force
};

}  // namespace grayling::probe
