#include "probe/kernel/netem_distribution.h"

#include <algorithm>
#include <cmath>

namespace grayling::probe {
namespace {

constexpr double kScale = 8192;  // NETEM_DIST_SCALE
constexpr double kLargest = 32767;

std::int16_t Entry(double deviation) {
  return static_cast<std::int16_t>(
      std::rint(std::clamp(deviation * kScale, -kLargest - 1, kLargest)));
}

// iproute2 walks x up in steps of 0.00005 and keeps, for each of 16384 shares, the last x at which
// the distribution function rounds to it; every fourth is written.
std::vector<std::int16_t> Normal() {
  constexpr int kShares = 16384;
  std::vector<double> last_x(kShares + 1);
  for (double x = -10.0; x < 10.05; x += .00005) {
    last_x[static_cast<std::size_t>(
        std::rint(kShares * (.5 + .5 * std::erf(x / std::sqrt(2.0)))))] = x;
  }
  std::vector<std::int16_t> table;
  for (std::size_t i = 0; i < kShares; i += 4) table.push_back(Entry(last_x[i]));
  return table;
}

std::vector<std::int16_t> Pareto() {
  std::vector<std::int16_t> table;
  for (int i = 65536; i > 0; i -= 16) {
    // Less its mean of 1.5, and scaled: the tail then ends where 16 bits end.
    table.push_back(Entry((1 / std::pow(i / 65536.0, 1 / 3.0) - 1.5) * (4.0 / 3.0)));
  }
  return table;
}

}  // namespace

std::vector<std::int16_t> DistributionTable(std::string_view name) {
  if (name == "normal") return Normal();
  if (name == "pareto") return Pareto();
  return {};
}

double LargestDeviation(const std::vector<std::int16_t>& table) {
  double largest = 0;
  for (const std::int16_t entry : table) largest = std::max(largest, std::abs(entry / kScale));
  return table.empty() ? 1 : largest;
}

}  // namespace grayling::probe
