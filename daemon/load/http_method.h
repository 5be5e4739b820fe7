#pragma once

#include <optional>

#include "absl/strings/string_view.h"

namespace grayling {

enum class HttpMethod { kGet, kPost, kPut, kPatch, kDelete };

// "GET"
constexpr const char* MethodName(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return "GET";
    case HttpMethod::kPost:
      return "POST";
    case HttpMethod::kPut:
      return "PUT";
    case HttpMethod::kPatch:
      return "PATCH";
    case HttpMethod::kDelete:
      return "DELETE";
  }
  return "GET";
}

// The method with this name in capitals; nothing for another text.
inline std::optional<HttpMethod> MethodOf(absl::string_view name) {
  for (const HttpMethod method : {HttpMethod::kGet, HttpMethod::kPost, HttpMethod::kPut,
                                  HttpMethod::kPatch, HttpMethod::kDelete}) {
    if (name == MethodName(method)) return method;
  }
  return std::nullopt;
}

}  // namespace grayling
