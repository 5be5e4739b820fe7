#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace grayling {

// [begin, end) of one page of `total` items, and the token of the next page ("" at the end).
// page_size 0 means 100; larger than 1000 is cut to 1000 (AIP-158). INVALID_ARGUMENT for a negative
// size or a foreign token.
struct Page {
  size_t begin = 0;
  size_t end = 0;
  std::string next_token;
};

inline absl::StatusOr<Page> PageOf(size_t total, int32_t page_size, const std::string& token) {
  if (page_size < 0)
    return absl::InvalidArgumentError("page_size is negative; use 0 for the default");
  const size_t size = page_size == 0 ? 100 : std::min(page_size, 1000);
  uint64_t begin = 0;
  if (!token.empty() && !absl::SimpleAtoi(token, &begin)) {
    return absl::InvalidArgumentError("page_token is not one that this daemon gave out");
  }
  Page page;
  page.begin = std::min<size_t>(begin, total);
  page.end = std::min(total, page.begin + size);
  if (page.end < total) page.next_token = absl::StrCat(page.end);
  return page;
}

}  // namespace grayling
