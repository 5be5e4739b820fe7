#include "ml/core/rolling_median.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace grayling {
namespace {

constexpr float kNothing = std::numeric_limits<float>::quiet_NaN();

// Index of the first element that is not less than `value`. Without branches on the data: the
// window's order is random to the predictor.
int LowerBound(const float* sorted, int count, float value) {
  const float* base = sorted;
  while (count > 1) {
    const int half = count / 2;
    base += base[half - 1] < value ? half : 0;
    count -= half;
  }
  return static_cast<int>(base - sorted) + (count == 1 && *base < value ? 1 : 0);
}

float Middle(float a, float b) {
  return static_cast<float>((static_cast<double>(a) + static_cast<double>(b)) / 2);
}

void Move(float* to, const float* from, int count) {
  std::memmove(to, from, static_cast<size_t>(count) * sizeof(float));
}

}  // namespace

RollingMedian::RollingMedian(int window)
    : sorted_(static_cast<size_t>(window)), ring_(static_cast<size_t>(window)) {}

void RollingMedian::Add(float value) {
  if (!std::isfinite(value)) return;
  const int window = static_cast<int>(ring_.size());
  float* sorted = sorted_.data();
  const int at = LowerBound(sorted, count_, value);
  float& slot = ring_[static_cast<size_t>(next_)];
  if (count_ < window) {
    Move(sorted + at + 1, sorted + at, count_ - at);
    sorted[at] = value;
    ++count_;
  } else {
    const int old = LowerBound(sorted, count_, slot);
    if (at > old) {
      Move(sorted + old, sorted + old + 1, at - 1 - old);
      sorted[at - 1] = value;
    } else {
      Move(sorted + at + 1, sorted + at, old - at);
      sorted[at] = value;
    }
  }
  slot = value;
  next_ = next_ + 1 == window ? 0 : next_ + 1;
}

float RollingMedian::median() const {
  if (count_ == 0) return kNothing;
  const float* sorted = sorted_.data();
  const float upper = sorted[count_ / 2];
  return count_ % 2 == 1 ? upper : Middle(sorted[count_ / 2 - 1], upper);
}

// The deviations below and above the median are two ascending lists, read outwards from the middle:
// their merged order statistic is found by bisection, without merging.
float RollingMedian::mad() const {
  if (count_ == 0) return kNothing;
  const float center = median();
  const int lows = count_ / 2;
  const int highs = count_ - lows;
  const float* low_end = sorted_.data() + lows - 1;
  const float* high_begin = sorted_.data() + lows;
  const auto low = [&](int i) { return center - low_end[-i]; };
  const auto high = [&](int i) { return high_begin[i] - center; };

  const int rank = (count_ - 1) / 2;
  int from = std::max(0, rank - highs);
  int length = std::min(rank, lows) - from;
  while (length > 0) {
    const int half = length / 2;
    const bool more = low(from + half) < high(rank - from - half - 1);
    from += more ? half + 1 : 0;
    length = more ? length - half - 1 : half;
  }
  int i = from;
  int j = rank - from;
  constexpr float kNever = std::numeric_limits<float>::infinity();
  const auto head_low = [&] { return i < lows ? low(i) : kNever; };
  const auto head_high = [&] { return j < highs ? high(j) : kNever; };
  const float first = std::min(head_low(), head_high());
  if (count_ % 2 == 1) return first;
  if (head_low() <= head_high()) {
    ++i;
  } else {
    ++j;
  }
  return Middle(first, std::min(head_low(), head_high()));
}

float RollingMedian::quantile(double q) const {
  if (count_ == 0) return kNothing;
  const double place = q * (count_ - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, static_cast<size_t>(count_ - 1));
  const double share = place - static_cast<double>(below);
  return static_cast<float>((1 - share) * sorted_[below] + share * sorted_[above]);
}

void RollingMedian::Reset() {
  next_ = 0;
  count_ = 0;
}

}  // namespace grayling
