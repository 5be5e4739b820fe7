#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probe/kernel/netem.h"
#include "probe/kernel/netlink_socket.h"

namespace grayling::probe {

// A queue discipline as the kernel dumps it, without its counters.
struct Qdisc {
  int interface_index = 0;
  std::uint32_t handle = 0;
  std::uint32_t parent = 0;
  std::string kind;
  std::vector<char> options;  // TCA_OPTIONS as it is
  bool has_size_table = false;

  bool IsRoot() const;
  // ingress or clsact: on packets that arrive, apart from the root and what hangs on it.
  bool IsIngress() const;
  // The kernel's own default has no handle; everything set by somebody has one.
  bool IsKernelDefault() const { return handle == 0; }
  // std::nullopt for other kinds.
  std::optional<NetemSettings> Netem() const;

  bool operator==(const Qdisc&) const = default;
};

// "tbf ab:", and what netem does in brackets.
std::string Describe(const Qdisc& qdisc);

enum class QdiscChange {
  kAdd,      // the kernel itself refuses, in one step, when somebody's qdisc is there already
  kReplace,  // puts it in the place of whatever is there, in one step
  kTune,     // gives the qdisc of this very handle other options, in place; never makes one
};

// The messages, as values. An empty `options` leaves them to the kernel.
NetlinkMessage SetQdiscMessage(const Qdisc& qdisc, QdiscChange change);
NetlinkMessage DeleteRootQdiscMessage(int interface_index, std::uint32_t handle);
NetlinkMessage ListQdiscsMessage(int interface_index);
std::optional<Qdisc> ParseQdisc(Bytes payload);

// Those of an interface as the kernel reports them; what it makes by itself below others is hidden.
Result<std::vector<Qdisc>> ListQdiscs(NetlinkSocket& route, int interface_index);
Result<std::optional<Qdisc>> RootQdisc(NetlinkSocket& route, int interface_index);

}  // namespace grayling::probe
