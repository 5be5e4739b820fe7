#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "probe/kernel/netlink_socket.h"
#include "probe/kernel/qdisc.h"

namespace grayling::probe {

// Majors of our handles, below those that the kernel gives out by itself (8000 and up).
inline constexpr std::uint32_t kFirstMajor = 0x4000;
inline constexpr std::uint32_t kLastMajor = 0x7fff;

// What stood at one end of a link before a fault, and goes back there after it.
struct EarlierLinkEnd {
  std::optional<Qdisc> root;  // none: the kernel's own default
  int queue_length = 0;       // of the interface; the kernel changes a 0 when a qdisc is set
  std::uint64_t net_namespace = 0;

  // As entries of FaultOrder::earlier, with `prefix` before each name.
  void WriteTo(std::map<std::string, std::string>& entries, const std::string& prefix) const;
  // std::nullopt when there are no such entries.
  static Result<std::optional<EarlierLinkEnd>> ReadFrom(
      const std::map<std::string, std::string>& entries, const std::string& prefix);
};

// Reads the interface's qdisc. An error, before anything is changed, when that is one which could
// not be put back exactly: with classes, filters or other qdiscs below it, of a kind whose dump
// does not hold all of its settings, or of another Grayling fault, which must not come back after
// its end. A netem's distribution table is in no dump and so is lost. `name`: for the sentence.
Result<std::optional<Qdisc>> ReadRestorableRoot(NetlinkSocket& route, int interface_index,
                                                const std::string& name);

// Puts `earlier` back as the root and compares the dump byte by byte. `in_place_of_ours`: replaces
// what is there in one step; else nothing may be there. Some kinds round their times down at each
// setting (codel: us to 1024 ns and back): those numbers are corrected until the dump is equal.
Status RestoreRoot(NetlinkSocket& route, const Qdisc& earlier, bool in_place_of_ours);

// The attributes to set so that a dump of `got` becomes one of `wanted`, where 32-bit numbers came
// out a little different; `sent` remembers what was set before. Empty when nothing can be done.
std::vector<char> RoundingCorrection(Bytes wanted, Bytes got,
                                     std::map<std::uint16_t, std::uint32_t>& sent);

}  // namespace grayling::probe
