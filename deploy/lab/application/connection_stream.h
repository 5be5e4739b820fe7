#pragma once

#include <httplib.h>

#include <array>
#include <cstddef>
#include <string>

namespace grayling::lab {

// One accepted TCP connection as cpp-httplib wants it, with buffers of its own: what is written is
// sent in one piece by Flush (or before the next blocking read). Owns the socket. One thread at a
// time. Reads and writes give up after 5 s without progress.
class ConnectionStream final : public httplib::Stream {
 public:
  explicit ConnectionStream(int fd);
  ~ConnectionStream() override;
  ConnectionStream(const ConnectionStream&) = delete;
  ConnectionStream& operator=(const ConnectionStream&) = delete;

  // Whether bytes of a next request have already been read from the socket.
  bool HasInput() const { return read_at_ < read_end_; }
  // False when the peer is gone.
  bool Flush();

  bool is_readable() const override { return true; }
  bool is_writable() const override { return !broken_; }
  ssize_t read(char* out, size_t size) override;
  ssize_t write(const char* data, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return fd_; }

 private:
  int fd_;
  bool broken_ = false;
  std::array<char, 8192> input_;
  size_t read_at_ = 0;
  size_t read_end_ = 0;
  std::string output_;
};

}  // namespace grayling::lab
