#pragma once

#include <algorithm>
#include <cstddef>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"

namespace grayling {

// Calls `work(i)` for every i below `count`, from at most `threads` threads, and returns when all
// are done. The calls must not touch each other's results.
inline void ForEachInParallel(size_t count, int threads, absl::FunctionRef<void(size_t)> work) {
  const size_t parts =
      std::clamp<size_t>(static_cast<size_t>(std::max(1, threads)), 1, std::max<size_t>(1, count));
  const auto part = [&](size_t p) {
    for (size_t i = count * p / parts; i < count * (p + 1) / parts; ++i) work(i);
  };
  std::vector<std::jthread> others;
  for (size_t p = 1; p < parts; ++p) others.emplace_back(part, p);
  part(0);
}

}  // namespace grayling
