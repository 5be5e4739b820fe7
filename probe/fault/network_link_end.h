#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "probe/fault/fault_order.h"
#include "probe/fault/network_earlier.h"
#include "probe/kernel/netem.h"
#include "probe/kernel/u32_filter.h"

namespace grayling::probe {

// A network fault at one end of a container's link. On all packets:
//
//   netem M:                           M made from the fault's id, so that only its own qdisc is
//                                      ever removed
// On some of them, all others going the way they went:
//
//   prio M: (4 bands, none of the kernel's priorities leads to the 4th)
//     netem N: below M:4
//     u32 filters to M:4
//
// Keeps no socket: one inside the container's network namespace would hold that alive.
class LinkEnd {
 public:
  enum class Side {
    kHost,       // packets towards the container
    kContainer,  // packets from it; lives in its network namespace
  };

  LinkEnd(const FaultOrder& order, Side side);

  // Adds what Revert() needs to `earlier`. An error when the fault cannot be applied here, or not
  // be taken back exactly.
  Status ReadEarlier(std::map<std::string, std::string>& earlier) const;
  // Sets and reads back: returns what the kernel holds, which is what was asked for.
  Result<NetemSettings> Apply(const NetemSettings& settings,
                              const std::vector<std::int16_t>& distribution) const;
  // In place: no packet is lost and none passes unhurt meanwhile. Reads back too.
  Status Change(const NetemSettings& settings, const std::vector<std::int16_t>& distribution) const;
  // Error when the kernel does not hold exactly this.
  Status Check(const NetemSettings& settings) const;
  // Restores what stood here and reads that back. Another's qdisc is left alone. Safe to repeat.
  Status Revert() const;

 private:
  struct Place {
    NetlinkSocket route;
    int index = 0;
    int queue_length = 0;
    std::uint64_t net_namespace = 0;
  };

  // std::nullopt: gone, and all qdiscs with it.
  Result<std::optional<Place>> Find() const;
  Result<std::optional<Place>> FindOnHost() const;
  Result<std::optional<Place>> FindInContainer() const;
  Result<Place> FindOrFail() const;

  // The parent first.
  std::vector<Qdisc> OurQdiscs(int index, const NetemSettings& settings,
                               const std::vector<std::int16_t>& distribution) const;
  Result<NetemSettings> ReadBack(Place& place, const NetemSettings& settings) const;
  Status PutBack(Place& place, const std::optional<Qdisc>& root) const;
  Status CheckNothingIsLeft(Place& place) const;

  Side side_;
  std::string veth_;
  int pid_;
  std::string name_;  // for sentences
  std::string prefix_;
  PacketMatch match_;
  std::uint32_t handle_;        // of the root
  std::uint32_t child_handle_;  // of the netem below a prio
  std::map<std::string, std::string> earlier_;
};

}  // namespace grayling::probe
