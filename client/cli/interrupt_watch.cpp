#include "client/cli/interrupt_watch.h"

#include <pthread.h>

#include <ctime>
#include <utility>

namespace grayling {

InterruptWatch::InterruptWatch(std::function<void()> on_interrupt)
    : on_interrupt_(std::move(on_interrupt)) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::jthread([this](const std::stop_token& stop) { Loop(stop); });
}

InterruptWatch::~InterruptWatch() {
  thread_.request_stop();
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void InterruptWatch::Loop(const std::stop_token& stop) {
  constexpr timespec kPatience{.tv_sec = 0, .tv_nsec = 100'000'000};
  while (!stop.stop_requested()) {
    if (sigtimedwait(&signals_, nullptr, &kPatience) < 0) continue;
    // From here on one thread takes these signals the usual way: the next one ends the program.
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
    on_interrupt_();
    return;
  }
}

}  // namespace grayling
