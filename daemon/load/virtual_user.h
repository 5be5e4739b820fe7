#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "daemon/load/curl_handles.h"
#include "daemon/load/load_behaviour.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/load_meter.h"
#include "daemon/load/think_time.h"

namespace grayling {

// One user: thinks, prepares a request on its own curl handle, reads the outcome.
// Who drives the handle is the caller's business. Neither movable nor thread-safe.
class VirtualUser {
 public:
  // `index` tells users of one seed apart. `settings` must outlive the user.
  VirtualUser(const LoadSettings& settings, std::unique_ptr<LoadBehaviour> behaviour,
              uint32_t index);
  VirtualUser(const VirtualUser&) = delete;
  VirtualUser& operator=(const VirtualUser&) = delete;

  // The next think time.
  absl::Duration Think() { return think_.Draw(random_); }
  // Chooses the next request and sets the handle up for it. The handle's private pointer is this.
  CURL* Prepare();
  // The outcome of the transfer that Prepare() set up and that ended with `code`; its latency is
  // the time that the transfer took.
  RequestOutcome Finish(CURLcode code);
  uint32_t index() const { return index_; }
  CURL* handle() const { return handle_.get(); }

 private:
  static size_t Receive(char* data, size_t size, size_t count, void* user);

  const LoadSettings& settings_;
  const uint32_t index_;
  std::mt19937_64 random_;
  ThinkTime think_;
  const std::unique_ptr<LoadBehaviour> behaviour_;
  LoadRequest request_;
  std::string url_;
  std::string answer_;
  CurlList json_headers_;
  CurlEasy handle_;
};

}  // namespace grayling
