#include "noisy_series.h"

#include <cmath>
#include <numbers>
#include <random>

namespace grayling {

std::vector<float> NoisySeries(int rows, double mean, double deviation, uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto uniform = [&] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
  std::vector<float> values;
  for (int row = 0; row < rows; ++row) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    const double normal = radius * std::cos(2 * std::numbers::pi * uniform());
    values.push_back(static_cast<float>(mean + deviation * normal));
  }
  return values;
}

Run RunOf(const std::string& id, const std::vector<std::vector<float>>& series) {
  Run run;
  run.id = id;
  const size_t rows = series.front().size();
  run.values.resize(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(series.size()));
  for (size_t row = 0; row < rows; ++row) {
    run.time.push_back(static_cast<double>(row));
    for (size_t column = 0; column < series.size(); ++column) {
      run.values(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column)) =
          series[column][row];
    }
  }
  return run;
}

LabelWindow FaultWindow(double start, double end, const std::string& label) {
  LabelWindow window;
  window.start = start;
  window.end = end;
  window.label = label;
  return window;
}

}  // namespace grayling
