#include "daemon/load/transfer_loop.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace grayling {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kLongestWait{1};
// What libcurl keeps for a socket once it is in the epoll set.
char known_socket;

uint32_t EpollEvents(int what) {
  uint32_t events = 0;
  if ((what & CURL_POLL_IN) != 0) events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) events |= EPOLLOUT;
  return events;
}

int CurlEvents(uint32_t events) {
  int what = 0;
  if ((events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
  return what;
}

}  // namespace

TransferLoop::TransferLoop(long most_connections)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      multi_(curl_multi_init()) {
  CURLM* multi = multi_.get();
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &TransferLoop::OnSocket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &TransferLoop::OnTimer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, most_connections);
}

bool TransferLoop::Add(CURL* handle) {
  return curl_multi_add_handle(multi_.get(), handle) == CURLM_OK;
}

void TransferLoop::Remove(CURL* handle) { curl_multi_remove_handle(multi_.get(), handle); }

void TransferLoop::Wait(SteadyTime deadline) {
  const SteadyTime now = Steady::now();
  const SteadyTime until = std::min({deadline, timer_, now + kLongestWait});
  const auto nanoseconds =
      std::max(Steady::duration::zero(), until - now) / std::chrono::nanoseconds(1);
  // ppoll(), because epoll_wait() counts in milliseconds, and epoll_pwait2() needs Linux 5.11.
  std::array<pollfd, 2> watched = {pollfd{epoll_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
  const timespec wait{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  ppoll(watched.data(), watched.size(), &wait, nullptr);
  uint64_t wakes = 0;
  if (watched[1].revents != 0 && read(wake_.get(), &wakes, sizeof wakes) < 0) wakes = 0;
  if (watched[0].revents != 0) {
    std::array<epoll_event, 128> events;
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), 0);
    for (int i = 0; i < count; ++i) Act(events[i].data.fd, CurlEvents(events[i].events));
  }
  if (timer_ <= Steady::now()) {
    timer_ = SteadyTime::max();
    Act(CURL_SOCKET_TIMEOUT, 0);
  }
}

void TransferLoop::Act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_.get(), socket, events, &running);
}

std::optional<TransferLoop::Ended> TransferLoop::NextEnded() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg == CURLMSG_DONE) return Ended{message->easy_handle, message->data.result};
  }
  return std::nullopt;
}

void TransferLoop::Wake() {
  const uint64_t one = 1;
  // Full (EAGAIN) means that a wake is on its way already.
  if (write(wake_.get(), &one, sizeof one) < 0) return;
}

int TransferLoop::OnSocket(CURL*, curl_socket_t socket, int what, void* loop, void* known) {
  auto* self = static_cast<TransferLoop*>(loop);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(self->epoll_.get(), EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.events = EpollEvents(what);
  event.data.fd = socket;
  const int operation = known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  epoll_ctl(self->epoll_.get(), operation, socket, &event);
  if (known == nullptr) curl_multi_assign(self->multi_.get(), socket, &known_socket);
  return 0;
}

int TransferLoop::OnTimer(CURLM*, long timeout_ms, void* loop) {
  auto* self = static_cast<TransferLoop*>(loop);
  self->timer_ =
      timeout_ms < 0 ? SteadyTime::max() : Steady::now() + std::chrono::milliseconds(timeout_ms);
  return 0;
}

}  // namespace grayling
