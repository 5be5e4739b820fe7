#pragma once

#include <cstdint>

namespace grayling {

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a draw costs a nanosecond, and its state is one
// number that a checkpoint can hold.
class NetworkRandom {
 public:
  explicit NetworkRandom(uint64_t seed) : state_(seed) {}

  uint64_t operator()() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // In [0, 1).
  double Uniform() { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }

  uint64_t state() const { return state_; }

 private:
  uint64_t state_;
};

}  // namespace grayling
