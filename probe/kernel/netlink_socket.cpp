#include "probe/kernel/netlink_socket.h"

#include <sys/socket.h>
#include <sys/time.h>

namespace grayling::probe {
namespace {

constexpr std::size_t kBufferSize = 64 * 1024;
constexpr timeval kPatience{5, 0};

Error KernelError(const nlmsghdr& header, Bytes payload) {
  const nlmsgerr verdict = *ReadValue<nlmsgerr>(payload);
  Error error{std::strerror(-verdict.error), -verdict.error};
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
    // With NETLINK_CAP_ACK only the header of our request is echoed.
    const Bytes attributes = payload.subspan(sizeof(nlmsgerr));
    if (const auto words = FindAttribute(attributes, NLMSGERR_ATTR_MSG)) {
      error.sentence += " (" + ReadString(*words) + ")";
    }
  }
  return error;
}

}  // namespace

Result<NetlinkSocket> NetlinkSocket::Open(int protocol) {
  NetlinkSocket out;
  out.fd_ = UniqueFd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!out.fd_.valid()) return SystemError("cannot open a netlink socket");
  const int on = 1;
  // Both only improve error texts; an old kernel without them is fine.
  setsockopt(out.fd_.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(out.fd_.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  setsockopt(out.fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  out.buffer_.resize(kBufferSize);
  return out;
}

Status NetlinkSocket::Send(NetlinkMessage& message) {
  message.SetSequence(++sequence_);
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const Bytes bytes = message.bytes();
  if (sendto(fd_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&kernel),
             sizeof kernel) < 0) {
    return SystemError("cannot send to the kernel by netlink");
  }
  return Done{};
}

Status NetlinkSocket::Receive(bool dump, const std::function<void(Bytes payload)>& visit) {
  while (true) {
    const ssize_t n = recv(fd_.get(), buffer_.data(), buffer_.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError("no answer from the kernel by netlink");
    Bytes rest(buffer_.data(), static_cast<std::size_t>(n));
    while (rest.size() >= sizeof(nlmsghdr)) {
      const nlmsghdr header = *ReadValue<nlmsghdr>(rest);
      if (header.nlmsg_len < sizeof(nlmsghdr) || header.nlmsg_len > rest.size()) break;
      const Bytes payload = rest.subspan(NLMSG_HDRLEN, header.nlmsg_len - NLMSG_HDRLEN);
      const std::size_t step = NLMSG_ALIGN(header.nlmsg_len);
      rest = rest.subspan(step < rest.size() ? step : rest.size());
      if (header.nlmsg_seq != sequence_) continue;  // left over from a request that timed out
      if (header.nlmsg_type == NLMSG_DONE) return Done{};
      if (header.nlmsg_type == NLMSG_ERROR) {
        if (ReadValue<nlmsgerr>(payload)->error == 0) return Done{};
        return KernelError(header, payload);
      }
      if (dump) visit(payload);
    }
  }
}

Status NetlinkSocket::Change(NetlinkMessage message) {
  if (Status sent = Send(message); !sent.ok()) return sent;
  return Receive(false, [](Bytes) {});
}

Status NetlinkSocket::Dump(NetlinkMessage message,
                           const std::function<void(Bytes payload)>& visit) {
  if (Status sent = Send(message); !sent.ok()) return sent;
  return Receive(true, visit);
}

}  // namespace grayling::probe
