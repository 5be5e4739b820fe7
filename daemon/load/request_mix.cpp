#include "daemon/load/request_mix.h"

#include <cmath>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

bool IsWord(absl::string_view text) {
  if (text.empty() || text.size() > 60 || absl::ascii_isdigit(text[0])) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(c) && c != '_') return false;
  }
  return true;
}

std::set<std::string> IdsOf(const MixRequest& request) {
  std::set<std::string> ids;
  for (const std::string* text : {&request.path, &request.body}) {
    for (const TemplatePart& part : CutTemplate(*text)) {
      if (!part.id.empty()) ids.insert(part.id);
    }
  }
  return ids;
}

absl::Status CheckRequest(const MixRequest& request) {
  const auto complain = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("request '", request.name, "' of the mix: ", what));
  };
  if (!IsWord(request.name)) {
    return complain("its name must be a word of letters, digits and _, up to 60 long");
  }
  if (!absl::StartsWith(request.path, "/")) return complain("its path must begin with a slash");
  for (const char c : request.path) {
    if (c <= ' ' || c == 0x7f) return complain("its path holds a space or a control character");
  }
  if (!(request.weight > 0) || !std::isfinite(request.weight)) {
    return complain("its weight must be a number above 0");
  }
  if (request.expected_status < 100 || request.expected_status > 599) {
    return complain("its status must be one of HTTP, 100 to 599");
  }
  if (!request.learns.empty() && !IsWord(request.learns)) {
    return complain("'learns' must name an id: a word of letters, digits and _");
  }
  return absl::OkStatus();
}

// Every id must have a value in the end: grows the set of those that do until it stands still.
absl::Status CheckIdsCanBeHad(const RequestMix& mix) {
  std::set<std::string> had;
  for (const MixId& id : mix.ids) had.insert(id.name);
  const auto missing = [&had](const MixRequest& request) -> std::string {
    for (const std::string& id : IdsOf(request)) {
      if (had.count(id) == 0) return id;
    }
    return "";
  };
  bool grown = true;
  while (grown) {
    grown = false;
    for (const MixRequest& request : mix.requests) {
      if (request.learns.empty() || !missing(request).empty()) continue;
      grown |= had.insert(request.learns).second;
    }
  }
  for (const MixRequest& request : mix.requests) {
    const std::string id = missing(request);
    if (id.empty()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("request '", request.name, "' of the mix names {", id,
                     "}, which has no value: add it to 'ids', or let a request learn it that can "
                     "be sent before"));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<TemplatePart> CutTemplate(absl::string_view text) {
  std::vector<TemplatePart> parts;
  std::string literal;
  size_t at = 0;
  while (at < text.size()) {
    const size_t close = text[at] == '{' ? text.find('}', at) : absl::string_view::npos;
    const absl::string_view word =
        close == absl::string_view::npos ? "" : text.substr(at + 1, close - at - 1);
    if (!IsWord(word)) {
      literal += text[at++];
      continue;
    }
    if (!literal.empty()) parts.push_back({literal, ""});
    literal.clear();
    parts.push_back({"", std::string(word)});
    at = close + 1;
  }
  if (!literal.empty()) parts.push_back({literal, ""});
  return parts;
}

absl::Status CheckRequestMix(const RequestMix& mix) {
  if (mix.empty() || mix.requests.size() > kMostMixRequests) {
    return absl::InvalidArgumentError(
        absl::StrCat("a mix must have 1 to ", kMostMixRequests, " requests"));
  }
  std::set<std::string> names;
  for (const MixRequest& request : mix.requests) {
    GRAYLING_RETURN_IF_ERROR(CheckRequest(request));
    if (names.insert(request.name).second) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("two requests of the mix have the name '", request.name, "'; rename one"));
  }
  std::set<std::string> ids;
  for (const MixId& id : mix.ids) {
    if (!IsWord(id.name) || !ids.insert(id.name).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "id '", id.name, "' of the mix stands twice, or is not a word of letters, digits and _"));
    }
    if (id.from > id.to) {
      return absl::InvalidArgumentError(absl::StrCat("id '", id.name, "' of the mix goes from ",
                                                     id.from, " to ", id.to, "; swap them"));
    }
  }
  return CheckIdsCanBeHad(mix);
}

}  // namespace grayling
