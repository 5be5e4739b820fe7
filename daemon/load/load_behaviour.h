#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "daemon/load/http_method.h"

namespace grayling {

// One request that a user is about to send. Reused from request to request.
struct LoadRequest {
  size_t route = 0;  // an index into the mix's route names
  HttpMethod method = HttpMethod::kGet;
  std::string path;  // from the root, with the slash
  std::string body;  // sent as JSON; empty for a request without one
  int expected_status = 200;
};

// The seam to "what does one user ask for": a named mix, or one of a person's own. Has one request
// at a time. Not thread-safe.
class LoadBehaviour {
 public:
  virtual ~LoadBehaviour() = default;
  // Chooses the next request.
  virtual void Next(std::mt19937_64& random, LoadRequest& request) = 0;
  // The request of the last Next() had the expected status; `body` is the beginning of the answer.
  virtual void Answered(absl::string_view body) = 0;
  // The request of the last Next() was answered 404: ids that it named may be gone.
  virtual void NotFound() = 0;
};

// What all users of one load share.
struct LoadMix {
  std::vector<std::string> routes;  // names as metric labels
  std::function<std::unique_ptr<LoadBehaviour>()> new_user;
};

}  // namespace grayling
