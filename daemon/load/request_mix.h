#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "daemon/load/http_method.h"

namespace grayling {

// Whole numbers that take the place of {name} in paths and bodies.
struct MixId {
  std::string name;
  int64_t from = 1;  // drawn evenly from `from` to `to`
  int64_t to = 1;

  bool operator==(const MixId&) const = default;
};

struct MixRequest {
  std::string name;  // the metric label `route`
  HttpMethod method = HttpMethod::kGet;
  std::string path;  // /owners/{owner}
  std::string body;  // {"name":"Pet","owner":{owner}}
  double weight = 1;
  int expected_status = 200;
  // The number "id" of the answer becomes a value of this id. Empty: nothing is learnt.
  std::string learns;

  bool operator==(const MixRequest&) const = default;
};

// A person's own mix. {word} of letters, digits and _ stands for an id: one of `ids`, or one that a
// request learns, or both. All {owner} of one request are the same number.
struct RequestMix {
  std::vector<MixRequest> requests;
  std::vector<MixId> ids;

  bool empty() const { return requests.empty(); }
  bool operator==(const RequestMix&) const = default;
};

inline constexpr size_t kMostMixRequests = 100;

// A text cut at its {word}s.
struct TemplatePart {
  std::string text;  // when `id` is empty
  std::string id;
};
std::vector<TemplatePart> CutTemplate(absl::string_view text);

// INVALID_ARGUMENT with a sentence that names the request: no or too many requests, a repeated or
// wrong name, a path without a slash, a weight that is not positive, an id that nothing gives, ids
// that could be learnt only from requests that need them.
absl::Status CheckRequestMix(const RequestMix& mix);

}  // namespace grayling
