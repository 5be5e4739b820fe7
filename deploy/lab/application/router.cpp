#include "deploy/lab/application/router.h"

#include <chrono>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"

namespace grayling::lab {
namespace {

int HttpCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

Reply ErrorReply(const absl::Status& status) {
  const nlohmann::json body = {{"error", std::string(status.message())}};
  return {HttpCode(status), body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

std::vector<std::string> Segments(const std::string& path) {
  return absl::StrSplit(path, '/', absl::SkipEmpty());
}

}  // namespace

absl::StatusOr<int64_t> Call::Id(size_t index) const {
  int64_t id = 0;
  if (!absl::SimpleAtoi(captures[index], &id) || id <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", captures[index], "' in ", path, " is not an id; use a positive number"));
  }
  return id;
}

void Router::Add(const std::string& method, const std::string& pattern, Handler handler) {
  const std::string label = absl::StrCat("route=\"", pattern, "\"");
  routes_.push_back({method, Segments(pattern), std::move(handler),
                     &metrics_.LatencyHistogram("http_server_requests_seconds", label),
                     &metrics_.Counter("http_server_errors_total", label)});
}

bool Router::Matches(const Route& route, const std::vector<std::string>& path, Call& call) {
  if (route.method != "*" && route.method != call.method) return false;
  call.captures.clear();
  const std::vector<std::string>& pattern = route.segments;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "**") return true;
    if (i >= path.size()) return false;
    if (pattern[i].front() == '{') {
      call.captures.push_back(path[i]);
    } else if (pattern[i] != path[i]) {
      return false;
    }
  }
  return path.size() == pattern.size();
}

Reply Router::Handle(Call& call) const {
  const std::vector<std::string> path = Segments(call.path);
  for (const Route& route : routes_) {
    if (!Matches(route, path, call)) continue;
    const auto start = std::chrono::steady_clock::now();
    absl::StatusOr<Reply> result = route.handler(call);
    Reply reply = result.ok() ? std::move(result).value() : ErrorReply(result.status());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    route.seconds->Observe(took.count());
    if (reply.status >= 500) route.errors->Add(1);
    return reply;
  }
  return ErrorReply(
      absl::NotFoundError(absl::StrCat("no route for ", call.method, " ", call.path)));
}

}  // namespace grayling::lab
