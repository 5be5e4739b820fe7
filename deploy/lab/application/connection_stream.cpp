#include "deploy/lab/application/connection_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace grayling::lab {
namespace {

constexpr size_t kFlushAbove = 64 * 1024;

}  // namespace

ConnectionStream::ConnectionStream(int fd) : fd_(fd) {
  const int on = 1;
  const timeval limit = {5, 0};
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

ConnectionStream::~ConnectionStream() { close(fd_); }

bool ConnectionStream::Flush() {
  size_t sent = 0;
  while (sent < output_.size() && !broken_) {
    const ssize_t n = send(fd_, output_.data() + sent, output_.size() - sent, MSG_NOSIGNAL);
    if (n > 0) {
      sent += n;
    } else if (errno != EINTR) {
      broken_ = true;
    }
  }
  output_.clear();
  return !broken_;
}

ssize_t ConnectionStream::read(char* out, size_t size) {
  if (!HasInput()) {
    if (!Flush()) return -1;
    ssize_t n = 0;
    do {
      n = recv(fd_, input_.data(), input_.size(), 0);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) return n;
    read_at_ = 0;
    read_end_ = n;
  }
  const size_t taken = std::min(size, read_end_ - read_at_);
  std::memcpy(out, input_.data() + read_at_, taken);
  read_at_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t ConnectionStream::write(const char* data, size_t size) {
  if (broken_) return -1;
  output_.append(data, size);
  if (output_.size() > kFlushAbove && !Flush()) return -1;
  return static_cast<ssize_t>(size);
}

void ConnectionStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void ConnectionStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace grayling::lab
