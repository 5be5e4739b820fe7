#include "daemon/load/jmeter_stop_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

class LoopbackSocket {
 public:
  LoopbackSocket() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;
  ~LoopbackSocket() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

absl::StatusOr<uint16_t> FreeStopPort() {
  const LoopbackSocket probe;
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (probe.get() < 0 || bind(probe.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(probe.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return absl::InternalError(
        absl::StrCat("cannot find a free UDP port on 127.0.0.1: ", strerror(errno)));
  }
  return ntohs(address.sin_port);
}

void SendStopCommand(uint16_t port, absl::string_view command) {
  const LoopbackSocket sender;
  const sockaddr_in address = Loopback(port);
  sendto(sender.get(), command.data(), command.size(), 0,
         reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

}  // namespace grayling
