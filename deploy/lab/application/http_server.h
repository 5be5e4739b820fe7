#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "deploy/lab/application/router.h"

namespace grayling::lab {

class ConnectionStream;
class HttpEngine;

// An HTTP/1.1 server with a fixed number of worker threads. Idle keep-alive connections wait in
// one epoll set and hold no thread (cpp-httplib's own loop gives each a thread that polls); its
// request parser and writer are used. Start and Stop from one thread; `handle` runs on workers.
class HttpServer {
 public:
  HttpServer(int workers, std::function<Reply(Call&)> handle);
  ~HttpServer();  // stops
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Port 0 takes a free one. INVALID_ARGUMENT for a host that is no IPv4 address, UNAVAILABLE when
  // the port is taken.
  absl::Status Start(const std::string& host, int port);
  int port() const { return port_; }
  // Connections accepted so far.
  uint64_t accepted() const { return accepted_.load(); }

  // Answers what is being answered, then closes all connections. Idempotent.
  void Stop();

 private:
  using Stream = std::unique_ptr<ConnectionStream>;

  void PollLoop();
  void WorkLoop();
  void Accept();
  void Serve(Stream stream);
  void WaitForInput(Stream stream);

  const int workers_;
  std::unique_ptr<HttpEngine> engine_;
  int port_ = 0;
  int listen_fd_ = -1;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  std::atomic<uint64_t> accepted_{0};
  std::thread poller_;
  std::vector<std::thread> worker_threads_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<int, Stream> idle_ ABSL_GUARDED_BY(mutex_);  // by descriptor
  std::deque<Stream> ready_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling::lab
