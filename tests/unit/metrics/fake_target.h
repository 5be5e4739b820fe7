#pragma once

#include <httplib.h>

#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {

// A target on loopback whose answer the test chooses.
class FakeTarget {
 public:
  explicit FakeTarget(httplib::Server::Handler handler, size_t requests_per_connection = 1000) {
    server_.set_keep_alive_max_count(requests_per_connection);
    server_.Get("/metrics", std::move(handler));
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // stop() would not be heard before
  }
  ~FakeTarget() {
    server_.stop();
    thread_.join();
  }
  int port() const { return port_; }
  std::string Url() const { return absl::StrCat("http://127.0.0.1:", port_, "/metrics"); }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace grayling
