#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probe/kernel/netlink_socket.h"

namespace grayling::probe {

// What netem does to every packet that leaves through an interface.
struct NetemSettings {
  std::int64_t latency_ns = 0;
  std::int64_t jitter_ns = 0;
  std::uint32_t loss = 0;   // share of 2^32 - 1
  std::uint32_t limit = 0;  // packets held at most

  bool operator==(const NetemSettings&) const = default;
};

// 0..100 percent as the kernel's share of 2^32 - 1, and back.
std::uint32_t LossShare(double percent);
double LossPercent(std::uint32_t share);

// Packets that netem must be able to hold so that its own queue drops nothing at 1 Gbit/s of full
// frames; at least 1000. netem's default of 1000 drops packets at higher rates.
std::uint32_t NetemLimit(std::int64_t latency_ns, std::int64_t jitter_ns);

// "netem delay 30ms jitter 5ms loss 2% limit 3000"
std::string Describe(const NetemSettings& settings);

struct Qdisc {
  int interface_index = 0;
  std::uint32_t handle = 0;
  std::uint32_t parent = 0;
  std::string kind;
  std::optional<NetemSettings> netem;  // for kind netem

  bool IsRoot() const;
  // The kernel's own default has no handle; everything set by somebody has one.
  bool IsKernelDefault() const { return handle == 0; }
};

// The messages, as values.
NetlinkMessage AddRootNetemMessage(int interface_index, std::uint32_t handle,
                                   const NetemSettings& settings);
NetlinkMessage DeleteRootQdiscMessage(int interface_index, std::uint32_t handle);
NetlinkMessage ListQdiscsMessage(int interface_index);
std::optional<Qdisc> ParseQdisc(Bytes payload);

// The root qdisc of an interface as the kernel reports it.
Result<std::optional<Qdisc>> RootQdisc(NetlinkSocket& route, int interface_index);

}  // namespace grayling::probe
