#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace grayling {

// Answers every request head with the same small JSON, from one thread: as little work as an
// application can do, so that a bench measures the client. GET only; keep-alive.
class FixedAnswerServer {
 public:
  FixedAnswerServer();
  ~FixedAnswerServer();
  uint16_t port() const { return port_; }

 private:
  void Serve();

  int listener_ = -1;
  int epoll_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace grayling
