#include "probe/exporter/metrics_server.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>

#include <ctime>

#include "probe/kernel/unique_fd.h"

namespace grayling::probe {
namespace {

constexpr std::int64_t kSearchPeriodNs = 5'000'000'000;
constexpr std::int64_t kEarliestSearchNs = 500'000'000;  // when a container was seen to leave
constexpr timeval kRightAfterTheAnswer{0, 20'000};

std::int64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Result<UniqueFd> ListenOn(const std::string& address, std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1) {
    return Error{"'" + address + "' is no IPv4 address; give --listen ADDRESS:PORT"};
  }
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
      listen(fd.get(), 16) != 0) {
    return SystemError("cannot listen on " + address + ":" + std::to_string(port));
  }
  return fd;
}

}  // namespace

void MetricsServer::Release::operator()(event_base* base) const { event_base_free(base); }
void MetricsServer::Release::operator()(evhttp* server) const { evhttp_free(server); }
void MetricsServer::Release::operator()(event* timer) const { event_free(timer); }

MetricsServer::~MetricsServer() = default;

Result<std::unique_ptr<MetricsServer>> MetricsServer::Listen(
    const std::string& address, std::uint16_t port, Exporter exporter,
    std::function<void()> each_round, std::chrono::milliseconds round_period) {
  Result<UniqueFd> listener = ListenOn(address, port);
  if (!listener.ok()) return listener.error();
  sockaddr_in bound{};
  socklen_t size = sizeof bound;
  getsockname(listener->get(), reinterpret_cast<sockaddr*>(&bound), &size);
  std::unique_ptr<MetricsServer> out(new MetricsServer(std::move(exporter)));  // private
  out->port_ = ntohs(bound.sin_port);
  out->each_round_ = std::move(each_round);
  out->base_.reset(event_base_new());
  if (out->base_) out->server_.reset(evhttp_new(out->base_.get()));
  if (!out->server_ || evhttp_accept_socket(out->server_.get(), listener->get()) != 0) {
    return Error{"cannot start the HTTP server"};
  }
  listener->Release();  // evhttp closes it
  MetricsServer* self = out.get();
  evhttp_set_allowed_methods(out->server_.get(), EVHTTP_REQ_GET);
  evhttp_set_cb(
      out->server_.get(), "/metrics",
      [](evhttp_request* request, void* context) {
        auto* server = static_cast<MetricsServer*>(context);
        const std::string& text = server->exporter_.Render();
        evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                          "text/plain; version=0.0.4; charset=utf-8");
        evbuffer_add(evhttp_request_get_output_buffer(request), text.data(), text.size());
        evhttp_send_reply(request, HTTP_OK, "OK", nullptr);
        server->SearchIfDue();
      },
      self);
  const auto stop = [](evutil_socket_t, short, void* context) {
    static_cast<MetricsServer*>(context)->Stop();
  };
  out->search_timer_.reset(evtimer_new(
      out->base_.get(),
      [](evutil_socket_t, short, void* context) { static_cast<MetricsServer*>(context)->Search(); },
      self));
  if (out->each_round_) {
    out->round_timer_.reset(event_new(
        out->base_.get(), -1, EV_PERSIST,
        [](evutil_socket_t, short, void* context) {
          static_cast<MetricsServer*>(context)->each_round_();
        },
        self));
    const std::int64_t period_us = std::chrono::microseconds(round_period).count();
    const timeval period{period_us / 1'000'000, period_us % 1'000'000};
    if (!out->round_timer_ || event_add(out->round_timer_.get(), &period) != 0) {
      return Error{"cannot start the timer of the HTTP server"};
    }
  }
  out->on_terminate_.reset(evsignal_new(out->base_.get(), SIGTERM, stop, self));
  out->on_interrupt_.reset(evsignal_new(out->base_.get(), SIGINT, stop, self));
  event_add(out->on_terminate_.get(), nullptr);
  event_add(out->on_interrupt_.get(), nullptr);
  return out;
}

void MetricsServer::Search() {
  last_search_ns_ = MonotonicNs();
  exporter_.Rediscover();
}

void MetricsServer::SearchIfDue() {
  const std::int64_t age = MonotonicNs() - last_search_ns_;
  const std::int64_t due = exporter_.SawOneLeave() ? kEarliestSearchNs : kSearchPeriodNs;
  if (age >= due) evtimer_add(search_timer_.get(), &kRightAfterTheAnswer);
}

void MetricsServer::Run() {
  Search();
  if (each_round_) each_round_();
  event_base_dispatch(base_.get());
}

void MetricsServer::Stop() { event_base_loopbreak(base_.get()); }

}  // namespace grayling::probe
