#pragma once

#include <chrono>
#include <optional>

#include "daemon/load/curl_handles.h"
#include "daemon/load/file_descriptor.h"

namespace grayling {

// Drives many HTTP transfers from one thread: libcurl's multi-socket interface on epoll, so that a
// round costs as much as has happened, not as many connections as are open. Only Wake() may be
// called from another thread.
class TransferLoop {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Ended {
    CURL* handle = nullptr;
    CURLcode code = CURLE_OK;
  };

  // Keeps up to `most_connections` open between transfers.
  explicit TransferLoop(long most_connections);
  TransferLoop(const TransferLoop&) = delete;
  TransferLoop& operator=(const TransferLoop&) = delete;

  // Begins a transfer at the next Wait(). False when libcurl refuses the handle.
  bool Add(CURL* handle);
  // Takes a handle out, whether its transfer has ended or not.
  void Remove(CURL* handle);
  // Sleeps until something happens on a connection, `deadline`, a time-out of libcurl's own or
  // Wake(), whichever is first, and moves the transfers on.
  void Wait(SteadyTime deadline);
  // A transfer that has ended. It is to be removed before the next call.
  std::optional<Ended> NextEnded();
  void Wake();

 private:
  static int OnSocket(CURL* handle, curl_socket_t socket, int what, void* loop, void* known);
  static int OnTimer(CURLM* multi, long timeout_ms, void* loop);
  void Act(curl_socket_t socket, int events);

  FileDescriptor epoll_;
  FileDescriptor wake_;
  SteadyTime timer_ = SteadyTime::max();
  CurlMulti multi_;  // destroyed first: it calls back
};

}  // namespace grayling
