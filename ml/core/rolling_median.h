#pragma once

#include <vector>

namespace grayling {

// Exact median, median absolute deviation and quantiles of the last `window` finite values, kept as
// a sorted array beside a ring. Add() costs two binary searches and one memmove, mad() one search
// in two sorted halves; neither allocates. Values that are not finite are skipped: they take no
// place in the window. Copyable; not thread-safe.
class RollingMedian {
 public:
  // `window` counts values and must be positive.
  explicit RollingMedian(int window);

  void Add(float value);
  // The values in the window now, at most `window`.
  int count() const { return count_; }
  // All of them NaN while the window is empty. An even count takes the mean of the middle two.
  float median() const;
  // Median of |x - median()|, unscaled; 1.4826 times this estimates the sigma of normal noise.
  float mad() const;
  // Linear between order statistics (type 7 of Hyndman and Fan, 1996); `q` in [0, 1].
  float quantile(double q) const;
  void Reset();

 private:
  std::vector<float> sorted_;  // the first count_ are in use
  std::vector<float> ring_;
  int next_ = 0;
  int count_ = 0;
};

}  // namespace grayling
