#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace grayling {

// Turns the first Ctrl-C (or SIGTERM) into a call of `on_interrupt`, in a thread of its own; the
// second ends the program as usual. Blocks both signals in the constructing thread while it lives,
// so construct it before other threads are started.
class InterruptWatch {
 public:
  explicit InterruptWatch(std::function<void()> on_interrupt);
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  void Loop(const std::stop_token& stop);

  const std::function<void()> on_interrupt_;
  sigset_t signals_;
  sigset_t before_;
  std::jthread thread_;
};

}  // namespace grayling
