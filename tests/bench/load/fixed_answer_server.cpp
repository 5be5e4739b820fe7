#include "tests/bench/load/fixed_answer_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string_view>

namespace grayling {
namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"id\":5}";

// Answers as many heads as `text` ends; a head that is cut in two is rare on loopback, and counts
// when its end comes.
bool Answer(int connection, std::string_view text) {
  size_t at = 0;
  while ((at = text.find("\r\n\r\n", at)) != std::string_view::npos) {
    at += 4;
    if (send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) return false;
  }
  return true;
}

}  // namespace

FixedAnswerServer::FixedAnswerServer()
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  listen(listener_, 4096);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  epoll_event event{EPOLLIN, {.fd = listener_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
  thread_ = std::thread([this] { Serve(); });
}

FixedAnswerServer::~FixedAnswerServer() {
  stop_ = true;
  thread_.join();
  close(epoll_);
  close(listener_);
}

void FixedAnswerServer::Serve() {
  std::array<epoll_event, 256> events;
  std::array<char, 16'384> bytes;
  while (!stop_) {
    const int count = epoll_wait(epoll_, events.data(), events.size(), 100);
    for (int i = 0; i < count; ++i) {
      const int ready = events[i].data.fd;
      if (ready == listener_) {
        const int connection = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (connection < 0) continue;
        const int one = 1;
        setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_event event{EPOLLIN, {.fd = connection}};
        epoll_ctl(epoll_, EPOLL_CTL_ADD, connection, &event);
        continue;
      }
      const ssize_t got = read(ready, bytes.data(), bytes.size());
      if (got <= 0 || !Answer(ready, {bytes.data(), static_cast<size_t>(got)})) close(ready);
    }
  }
}

}  // namespace grayling
