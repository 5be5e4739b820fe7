#include "daemon/vm/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr uint32_t kFirstPort = 20000;
constexpr uint32_t kPortCount = 10000;

}  // namespace

bool IsLocalPortFree(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const absl::Cleanup close_fd = [fd] { close(fd); };
  // As QEMU does: a connection in TIME_WAIT does not make the port busy, a listener does.
  const int reuse = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
         listen(fd, 1) == 0;
}

absl::StatusOr<std::vector<uint16_t>> FreeLocalPorts(size_t count,
                                                     const std::set<uint16_t>& reserved) {
  std::vector<uint16_t> ports;
  const uint32_t offset = std::random_device()() % kPortCount;
  for (uint32_t i = 0; i < kPortCount && ports.size() < count; ++i) {
    const auto port = static_cast<uint16_t>(kFirstPort + (offset + i) % kPortCount);
    if (!reserved.contains(port) && IsLocalPortFree(port)) ports.push_back(port);
  }
  if (ports.size() < count) {
    return absl::ResourceExhaustedError(
        absl::StrCat("only ", ports.size(), " of ", count, " host ports are free on 127.0.0.1 in ",
                     kFirstPort, "-", kFirstPort + kPortCount - 1, "; stop a program or a VM"));
  }
  return ports;
}

}  // namespace grayling
