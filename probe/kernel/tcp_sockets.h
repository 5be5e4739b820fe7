#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "probe/kernel/netlink_socket.h"

namespace grayling::probe {

// One established TCP connection as the kernel's inet_diag reports it.
struct TcpSocket {
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  std::uint32_t remote_ipv4 = 0;  // network byte order; IPv4-mapped IPv6 too; 0 for true IPv6
  std::uint32_t srtt_us = 0;
  std::uint32_t rttvar_us = 0;
  std::uint32_t unacked_segments = 0;
  std::uint32_t quiet_ms = 0;  // since data was last sent or received
};

// `family` is AF_INET or AF_INET6.
NetlinkMessage ListEstablishedMessage(std::uint8_t family);
std::optional<TcpSocket> ParseTcpSocket(Bytes payload);

// Visits all established connections of one family in the namespace in which `diag`
// (NETLINK_SOCK_DIAG) was opened. The kernel walks the table of all namespaces for it, so ask only
// where there are any.
Status ForEachTcpSocket(NetlinkSocket& diag, std::uint8_t family,
                        const std::function<void(const TcpSocket&)>& visit);

}  // namespace grayling::probe
