#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "daemon/load/curl_handles.h"
#include "daemon/load/load_generator.h"
#include "daemon/load/load_meter.h"
#include "daemon/load/petclinic_mix.h"

namespace grayling {

// One user of a closed loop: thinks, prepares a request on its own curl handle, reads the outcome.
// Who drives the handle is the caller's business. Neither movable nor thread-safe.
class VirtualUser {
 public:
  // `index` tells users of one seed apart. `settings` must outlive the user.
  VirtualUser(const LoadSettings& settings, int64_t seeded_owners, uint32_t index);
  VirtualUser(const VirtualUser&) = delete;
  VirtualUser& operator=(const VirtualUser&) = delete;

  // The next think time: Gaussian, cut at 0.
  absl::Duration Think();
  // Chooses the next request and sets the handle up for it. The handle's private pointer is this.
  CURL* Prepare();
  // The outcome of the transfer that Prepare() set up and that ended with `code`.
  RequestOutcome Finish(CURLcode code);
  CURL* handle() const { return handle_.get(); }

 private:
  static size_t Receive(char* data, size_t size, size_t count, void* user);

  const LoadSettings& settings_;
  std::mt19937_64 random_;
  std::normal_distribution<double> think_ms_;
  PetclinicUser behaviour_;
  PetclinicRequest request_;
  std::string url_;
  std::string answer_;
  CurlList json_headers_;
  CurlEasy handle_;
};

}  // namespace grayling
