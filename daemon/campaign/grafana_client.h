#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grayling {

// A stretch of time with a text, as Grafana draws it over every dashboard that asks for its tags.
struct Annotation {
  absl::Time start;
  absl::Time end = absl::InfiniteFuture();  // InfiniteFuture: not over yet
  std::vector<std::string> tags;
  std::string text;
};

// Grafana's HTTP API for annotations, as far as it is needed. Every call opens its own connection
// and blocks for at most the timeout. Thread-safe. Errors: PERMISSION_DENIED (401, 403: the token),
// INVALID_ARGUMENT (any other refusal, or an answer that cannot be read), UNAVAILABLE (no answer,
// 429 or 5xx: worth another try).
class GrafanaClient {
 public:
  // `url` is Grafana's root, http://127.0.0.1:3000; `token` may be empty.
  GrafanaClient(std::string url, std::string token, absl::Duration timeout);
  ~GrafanaClient();

  // POST /api/annotations; the new one's id.
  absl::StatusOr<int64_t> Create(const Annotation& annotation);
  // PATCH /api/annotations/:id with its end. NOT_FOUND when somebody deleted it.
  absl::Status End(int64_t id, absl::Time end);
  // GET /api/annotations: the newest with that tag. NOT_FOUND when there is none.
  absl::StatusOr<int64_t> Find(const std::string& tag);

 private:
  absl::StatusOr<std::string> Send(const std::string& method, const std::string& path,
                                   const std::string& body);

  const std::string url_;
  const std::string token_;
  const absl::Duration timeout_;
};

}  // namespace grayling
