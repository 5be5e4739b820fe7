#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace grayling::probe {

// Readers for the text formats of proc and cgroup v2. Pure functions: text in, numbers out;
// std::nullopt where the text does not hold what was asked for.

// "key value" lines: cpu.stat, memory.stat, memory.events.
std::optional<std::uint64_t> FlatKeyed(std::string_view text, std::string_view key);

// Stall time in microseconds of one line ("some" or "full") of a pressure file.
std::optional<std::uint64_t> PressureTotalUs(std::string_view text, std::string_view line);

struct IoTotals {
  std::uint64_t read_bytes = 0;
  std::uint64_t write_bytes = 0;
  std::uint64_t reads = 0;
};
// io.stat summed over devices.
IoTotals IoStat(std::string_view text);

// Nanoseconds spent runnable but waiting for a CPU: second field of schedstat.
std::optional<std::uint64_t> RunDelayNs(std::string_view schedstat);

// A value of net/snmp or net/netstat, where a line of names precedes a line of numbers.
// `protocol` is "Tcp" or "TcpExt".
std::optional<std::uint64_t> SnmpValue(std::string_view text, std::string_view protocol,
                                       std::string_view name);

struct InterfaceTotals {
  std::uint64_t receive_bytes = 0;
  std::uint64_t receive_packets = 0;
  std::uint64_t transmit_bytes = 0;
  std::uint64_t transmit_packets = 0;
};
// One interface of net/dev.
std::optional<InterfaceTotals> NetDev(std::string_view text, std::string_view interface);

// Sockets of one protocol ("TCP", "TCP6") in use, by net/sockstat or net/sockstat6.
std::optional<std::uint64_t> SocketsInUse(std::string_view text, std::string_view protocol);

// The path of the unified hierarchy in /proc/PID/cgroup ("0::/system.slice/x").
std::optional<std::string> UnifiedCgroup(std::string_view text);

// Field 22 of /proc/PID/stat, clock ticks after boot; the name in field 2 may hold anything.
// std::nullopt also for a zombie, which no longer runs.
std::optional<std::uint64_t> StartTicks(std::string_view stat);

// Runnable tasks now: the fourth field of loadavg.
std::optional<std::uint64_t> RunnableTasks(std::string_view loadavg);

// Calls `visit` with every number of a one-number-per-line file such as cgroup.procs.
void ForEachNumber(std::string_view text, const std::function<void(std::uint64_t)>& visit);

}  // namespace grayling::probe
