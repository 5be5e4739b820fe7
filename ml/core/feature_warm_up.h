#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace grayling {

// Finds the location of a column that training never saw: the median of its first kRows values of a
// run. Until then the column counts as missing. Not thread-safe; Add() does not allocate.
class LocationWarmUp {
 public:
  static constexpr size_t kRows = 10;

  explicit LocationWarmUp(size_t column) : column_(column) {}

  size_t column() const { return column_; }
  bool done() const { return count_ == kRows; }
  float median() const { return median_; }  // once done

  void Reset() { count_ = 0; }
  void Add(float value) {
    if (done() || std::isnan(value)) return;
    first_[count_++] = value;
    if (!done()) return;
    std::sort(first_.begin(), first_.end());
    median_ = (first_[kRows / 2 - 1] + first_[kRows / 2]) / 2;
  }

 private:
  size_t column_;
  size_t count_ = 0;
  float median_ = 0;
  std::array<float, kRows> first_ = {};
};

}  // namespace grayling
