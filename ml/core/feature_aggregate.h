#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

namespace grayling {

// How far the signals of one stream are from their usual values, in one row.
class Deviations {
 public:
  void Add(float z) {
    const float size = std::abs(z);
    ++count_;
    if (size > kBeyond) ++beyond_;
    if (size <= top_[2]) return;
    top_[2] = size;
    if (top_[2] > top_[1]) std::swap(top_[1], top_[2]);
    if (top_[1] > top_[0]) std::swap(top_[0], top_[1]);
  }

  float largest() const { return top_[0]; }
  // Mean of the three largest, or of all where there are fewer; 0 for none.
  float top() const {
    const int n = std::min(count_, 3);
    return n == 0 ? 0 : (top_[0] + top_[1] + top_[2]) / static_cast<float>(n);
  }
  float share() const {
    return count_ == 0 ? 0 : static_cast<float>(beyond_) / static_cast<float>(count_);
  }

 private:
  static constexpr float kBeyond = 3;
  int count_ = 0;
  int beyond_ = 0;
  float top_[3] = {};  // falling
};

}  // namespace grayling
