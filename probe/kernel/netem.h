#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probe/kernel/netlink_message.h"

namespace grayling::probe {

// What netem does to every packet that leaves through an interface: all of it that the kernel's
// dump shows. Shares are of 2^32 - 1 (NetemShare()).
struct NetemSettings {
  std::int64_t latency_ns = 0;
  std::int64_t jitter_ns = 0;
  std::uint32_t loss = 0;
  std::uint32_t limit = 0;      // packets held at most
  std::uint32_t gap = 0;        // with 1, `reorder` decides for each packet; with 0 it does nothing
  std::uint32_t reorder = 0;    // packets that go at once while the others wait
  std::uint32_t duplicate = 0;  // packets sent twice
  std::uint32_t corrupt = 0;    // packets with one flipped bit
  std::uint64_t bytes_per_s = 0;  // what the link carries; 0: as fast as it can
  std::uint32_t delay_correlation = 0;
  std::uint32_t loss_correlation = 0;
  std::uint32_t duplicate_correlation = 0;
  std::uint32_t reorder_correlation = 0;
  std::uint32_t corrupt_correlation = 0;

  bool operator==(const NetemSettings&) const = default;
};

// 0..100 percent as the kernel's share of 2^32 - 1, and back.
std::uint32_t NetemShare(double percent);
double NetemPercent(std::uint32_t share);

// Packets that netem must be able to hold so that its own queue drops nothing at 1 Gbit/s of full
// frames, when it holds a packet for at most `longest_ns`; at least 1000. netem's default of 1000
// drops packets at higher rates.
std::uint32_t NetemLimit(std::int64_t longest_ns);

// Packets that wait before a link of this rate: half a second of full frames, 32 at least. netem's
// default of 1000 would be 12 seconds of them at 1 Mbit/s.
std::uint32_t NetemRateLimit(std::uint64_t bytes_per_s);

// "netem delay 30ms jitter 5ms loss 2% limit 3000"
std::string Describe(const NetemSettings& settings);

// The content of TCA_OPTIONS. `distribution`: DistributionTable(), empty for netem's own uniform
// jitter. Everything is written out, since netem keeps the earlier value of what a change leaves
// out (net/sched/sch_netem.c, netem_change).
std::vector<char> NetemOptions(const NetemSettings& settings,
                               const std::vector<std::int16_t>& distribution);

// The kernel never dumps the distribution. std::nullopt when the bytes are no netem's.
std::optional<NetemSettings> ParseNetemOptions(Bytes options);

}  // namespace grayling::probe
