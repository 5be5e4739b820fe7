#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "probe/fault/blade_look.h"

namespace grayling::probe {

// network delay, loss, corrupt, duplicate, reorder: netem in the container's network namespace, at
// the root of its interface, or below blade's prio qdisc when there are filters. Looked at with tc,
// which blade needs as well. Egress of the container only: that is all blade can do.
class BladeNetworkLook final : public BladeLook {
 public:
  BladeNetworkLook(const FaultOrder& order, const BladeLine& line);

  // Refuses an interface that has a root qdisc of somebody (blade's destroy deletes any), or that
  // is not the other end of the order's veth. Keeps the transmit queue's length, which blade
  // changes and does not restore.
  Result<std::map<std::string, std::string>> ReadEarlier() override;
  Result<ReadBack> WaitUntilThere() override;
  Status StillThere() override;
  Result<std::string> Residue() override;
  Status CleanUp() override;

 private:
  bool NamespaceIsGone() const;
  // The output of a program in the interface's network namespace.
  Result<std::string> Run(std::vector<std::string> argv) const;
  Result<nlohmann::json> Qdiscs() const;
  Result<std::string> QueueLength() const;
  Status CheckOtherEnd() const;
  Result<ReadBack> Compare(const nlohmann::json& netem) const;

  std::string interface_;
  std::string veth_;
  int pid_;  // of a process in the namespace; 0: the guest's own
  BladeLine line_;
  std::string earlier_queue_length_;
};

// In the answer of `tc -j qdisc show dev I`. Null when there is none of that kind.
// Somebody's root qdisc: every one that the kernel did not give by itself.
const nlohmann::json* FindRootQdisc(const nlohmann::json& qdiscs);
// The netem of blade: at the root with a handle that the kernel chose (8000: and up), or, handle
// 40:, below a prio 1: at the root. Our own native faults look otherwise.
const nlohmann::json* FindBladeNetem(const nlohmann::json& qdiscs);

}  // namespace grayling::probe
