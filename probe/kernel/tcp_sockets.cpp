#include "probe/kernel/tcp_sockets.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace grayling::probe {
namespace {

constexpr std::uint32_t kEstablished = 1U << 1;  // TCP_ESTABLISHED

std::uint32_t RemoteIpv4(const inet_diag_msg& message) {
  const std::uint32_t* words = message.id.idiag_dst;
  if (message.idiag_family == AF_INET) return words[0];
  const bool mapped = words[0] == 0 && words[1] == 0 && words[2] == htonl(0xffff);
  return mapped ? words[3] : 0;
}

}  // namespace

NetlinkMessage ListEstablishedMessage(std::uint8_t family) {
  NetlinkMessage message(SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP);
  inet_diag_req_v2 request{};
  request.sdiag_family = family;
  request.sdiag_protocol = IPPROTO_TCP;
  request.idiag_ext = 1U << (INET_DIAG_INFO - 1);
  request.idiag_states = kEstablished;
  message.Append(request);
  return message;
}

std::optional<TcpSocket> ParseTcpSocket(Bytes payload) {
  const auto message = ReadValue<inet_diag_msg>(payload);
  if (!message) return std::nullopt;
  const auto content = FindAttribute(AfterHeader<inet_diag_msg>(payload), INET_DIAG_INFO);
  if (!content) return std::nullopt;
  // Kernels differ in how much of tcp_info they send; the fields read here are in its oldest part.
  tcp_info info{};
  std::memcpy(&info, content->data(), std::min(sizeof info, content->size()));
  TcpSocket socket;
  socket.local_port = ntohs(message->id.idiag_sport);
  socket.remote_port = ntohs(message->id.idiag_dport);
  socket.remote_ipv4 = RemoteIpv4(*message);
  socket.srtt_us = info.tcpi_rtt;
  socket.rttvar_us = info.tcpi_rttvar;
  socket.unacked_segments = info.tcpi_unacked;
  socket.quiet_ms = std::min(info.tcpi_last_data_sent, info.tcpi_last_data_recv);
  return socket;
}

Status ForEachTcpSocket(NetlinkSocket& diag, std::uint8_t family,
                        const std::function<void(const TcpSocket&)>& visit) {
  return diag.Dump(ListEstablishedMessage(family), [&visit](Bytes payload) {
    if (const auto socket = ParseTcpSocket(payload)) visit(*socket);
  });
}

}  // namespace grayling::probe
