#include "ml/core/selection_bins.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace grayling {
namespace {

constexpr int kCodes = 64;
constexpr int kDigitBits = 11;
constexpr size_t kDigits = size_t{1} << kDigitBits;

// Unsigned integers in the order of the floats, and back.
uint32_t KeyOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}
float ValueOf(uint32_t key) {
  const uint32_t bits = (key & 0x80000000U) != 0 ? key & 0x7fffffffU : ~key;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

struct Codes {
  size_t count = 0;  // of codes in use: the largest and one
  bool missing = false;
};

Codes Look(absl::Span<const uint8_t> codes) {
  uint8_t largest = 0;
  uint8_t missing = 0;
  for (const uint8_t code : codes) {
    const uint8_t is_missing = code >= kCodes ? 1 : 0;
    missing |= is_missing;
    largest = std::max(largest, is_missing != 0 ? uint8_t{0} : code);
  }
  return {static_cast<size_t>(largest) + 1, missing != 0};
}

// How often each pair of codes occurs.
class JointTable {
 public:
  JointTable(size_t a, size_t b) : a_(a), b_(b) {
    for (Cells& cells : counts_) std::fill_n(cells.begin(), a * b, 0U);
  }

  // Four tables in turn, so that runs of equal pairs do not wait for each other.
  void CountAll(const uint8_t* a, const uint8_t* b, size_t n) {
    const size_t fours = n - n % 4;
    for (size_t i = 0; i < fours; i += 4) {
      for (size_t k = 0; k < 4; ++k) ++counts_[k][a[i + k] * b_ + b[i + k]];
    }
    for (size_t i = fours; i < n; ++i) ++counts_[0][a[i] * b_ + b[i]];
  }
  void CountPresent(const uint8_t* a, const uint8_t* b, size_t n) {
    for (size_t i = 0; i < n; ++i) {
      if (a[i] < kCodes && b[i] < kCodes) ++counts_[i % 4][a[i] * b_ + b[i]];
    }
  }

  double Information() const {
    std::array<double, kCodes> of_a{};
    std::array<double, kCodes> of_b{};
    double total = 0;
    const auto pairs = [&](size_t a, size_t b) {
      double sum = 0;
      for (const Cells& cells : counts_) sum += cells[a * b_ + b];
      return sum;
    };
    for (size_t a = 0; a < a_; ++a) {
      for (size_t b = 0; b < b_; ++b) {
        of_a[a] += pairs(a, b);
        of_b[b] += pairs(a, b);
        total += pairs(a, b);
      }
    }
    double information = 0;
    for (size_t a = 0; a < a_; ++a) {
      for (size_t b = 0; b < b_; ++b) {
        const double p = pairs(a, b);
        if (p > 0) information += p / total * std::log(p * total / (of_a[a] * of_b[b]));
      }
    }
    return std::max(0.0, information);
  }

 private:
  using Cells = std::array<uint32_t, kCodes * kCodes>;
  size_t a_;
  size_t b_;
  std::array<Cells, 4> counts_;
};

}  // namespace

std::vector<float> SortedValues(absl::Span<const float> values) {
  std::vector<uint32_t> keys;
  keys.reserve(values.size());
  for (const float value : values) {
    if (!std::isnan(value)) keys.push_back(KeyOf(value + 0.0F));  // -0 becomes 0
  }
  std::vector<uint32_t> other(keys.size());
  for (int shift = 0; shift < 32; shift += kDigitBits) {
    std::array<uint32_t, kDigits> starts{};
    for (const uint32_t key : keys) ++starts[(key >> shift) & (kDigits - 1)];
    uint32_t start = 0;
    for (uint32_t& entry : starts) start += std::exchange(entry, start);
    for (const uint32_t key : keys) other[starts[(key >> shift) & (kDigits - 1)]++] = key;
    keys.swap(other);
  }
  std::vector<float> sorted(keys.size());
  std::transform(keys.begin(), keys.end(), sorted.begin(), ValueOf);
  return sorted;
}

std::vector<uint8_t> QuantileBins(absl::Span<const float> values, int bins) {
  bins = std::clamp(bins, 1, kCodes - 1);
  std::vector<float> sorted = SortedValues(values);

  // The most frequent value, when it alone would fill a bin.
  float frequent = std::numeric_limits<float>::quiet_NaN();
  size_t largest = sorted.size() / static_cast<size_t>(bins);
  for (size_t begin = 0, i = 1; i <= sorted.size(); ++i) {
    if (i < sorted.size() && sorted[i] == sorted[begin]) continue;
    if (i - begin > largest) {
      largest = i - begin;
      frequent = sorted[begin];
    }
    begin = i;
  }
  int free_bins = bins;
  if (!std::isnan(frequent) && bins > 1) {
    const auto range = std::equal_range(sorted.begin(), sorted.end(), frequent);
    sorted.erase(range.first, range.second);
    --free_bins;
  }
  std::vector<float> cuts;
  for (int b = 1; b < free_bins && !sorted.empty(); ++b) {
    cuts.push_back(sorted[sorted.size() * static_cast<size_t>(b) / static_cast<size_t>(free_bins)]);
  }
  std::vector<uint8_t> codes;
  codes.reserve(values.size());
  for (const float value : values) {
    if (std::isnan(value)) {
      codes.push_back(kMissingBin);
    } else if (value == frequent && bins > 1) {
      codes.push_back(static_cast<uint8_t>(free_bins));
    } else {
      int bin = 0;
      for (const float cut : cuts) bin += cut <= value ? 1 : 0;
      codes.push_back(static_cast<uint8_t>(bin));
    }
  }
  return codes;
}

double MutualInformation(absl::Span<const uint8_t> a, absl::Span<const uint8_t> b) {
  const size_t n = std::min(a.size(), b.size());
  const Codes of_a = Look(a.subspan(0, n));
  const Codes of_b = Look(b.subspan(0, n));
  JointTable table(of_a.count, of_b.count);
  if (of_a.missing || of_b.missing) {
    table.CountPresent(a.data(), b.data(), n);
  } else {
    table.CountAll(a.data(), b.data(), n);
  }
  return table.Information();
}

}  // namespace grayling
