#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "deploy/lab/application/metrics.h"

namespace grayling::lab {

// One request, taken apart.
struct Call {
  std::string method;
  std::string path;    // without the query
  std::string target;  // with the query, as it came
  std::string body;
  std::string content_type;
  std::map<std::string, std::string> query;
  std::vector<std::string> captures;  // what stood for each {} of the pattern, in order

  // Capture `index` as a row id. INVALID_ARGUMENT when it is not a positive number.
  absl::StatusOr<int64_t> Id(size_t index) const;
};

struct Reply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
};

using Handler = std::function<absl::StatusOr<Reply>(const Call&)>;

// Finds the handler of a request, times it and counts server errors, labelled with the pattern.
// Add everything first; Handle is then thread-safe.
class Router {
 public:
  explicit Router(Registry& metrics) : metrics_(metrics) {}

  // In `pattern` a segment in braces, `/owners/{ownerId}`, stands for any one segment and is
  // captured; a last segment `**` stands for any rest. The first match in the order added wins.
  // `method` "*" stands for all.
  void Add(const std::string& method, const std::string& pattern, Handler handler);

  // A Status becomes 400, 404, 503, 504 or 500 with {"error": message}.
  Reply Handle(Call& call) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    Handler handler;
    Histogram* seconds;
    Number* errors;
  };
  static bool Matches(const Route& route, const std::vector<std::string>& path, Call& call);

  Registry& metrics_;
  std::vector<Route> routes_;
};

}  // namespace grayling::lab
