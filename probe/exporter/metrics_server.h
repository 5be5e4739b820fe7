#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "probe/exporter/exporter.h"
#include "probe/kernel/result.h"

struct event_base;
struct evhttp;
struct event;

namespace grayling::probe {

// GET /metrics over HTTP/1.1 with keep-alive, in one thread. The search for containers runs right
// after an answer was sent, at most every five seconds, so that a scrape never waits for Docker.
// Other work has a timer of its own: it is done whether or not anybody scrapes.
class MetricsServer {
 public:
  // Listens on an IPv4 address; port 0 picks a free one. `each_round` runs when Run begins and
  // then every `round_period`; it may be empty.
  static Result<std::unique_ptr<MetricsServer>> Listen(
      const std::string& address, std::uint16_t port, Exporter exporter,
      std::function<void()> each_round,
      std::chrono::milliseconds round_period = std::chrono::seconds(10));
  ~MetricsServer();

  std::uint16_t port() const { return port_; }
  // Serves until SIGTERM, SIGINT or Stop().
  void Run();
  // May be called from a round, a request's callback or before Run; not from other threads.
  void Stop();

 private:
  struct Release {
    void operator()(event_base* base) const;
    void operator()(evhttp* server) const;
    void operator()(event* timer) const;
  };

  explicit MetricsServer(Exporter exporter) : exporter_(std::move(exporter)) {}
  void Search();
  void SearchIfDue();

  Exporter exporter_;
  std::function<void()> each_round_;
  std::uint16_t port_ = 0;
  std::int64_t last_search_ns_ = 0;
  std::unique_ptr<event_base, Release> base_;
  std::unique_ptr<evhttp, Release> server_;
  std::unique_ptr<event, Release> search_timer_, round_timer_, on_terminate_, on_interrupt_;
};

}  // namespace grayling::probe
