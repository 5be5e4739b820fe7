#include "tests/unit/ml/novelty_data.h"

#include <cmath>
#include <random>

#include "absl/strings/str_cat.h"

namespace grayling {

std::vector<std::string> NumberedColumns(Eigen::Index count) {
  std::vector<std::string> names;
  for (Eigen::Index c = 0; c < count; ++c) names.push_back(absl::StrCat("c", c));
  return names;
}

Run LoadedRun(const std::string& id, Eigen::Index rows, Eigen::Index columns, uint64_t seed,
              uint64_t structure) {
  std::mt19937_64 shape(structure);
  std::normal_distribution<float> normal;
  const auto draw = [&](std::mt19937_64& random) { return normal(random); };
  Matrix follows(2, columns);
  for (float& value : follows.reshaped()) value = draw(shape);
  Eigen::RowVectorXf unit(columns);
  for (float& value : unit.reshaped()) value = std::pow(10.0F, draw(shape));

  Run run;
  run.id = id;
  run.values.resize(rows, columns);
  std::mt19937_64 random(seed);
  float first = 0;
  float second = 0;
  for (Eigen::Index r = 0; r < rows; ++r) {
    run.time.push_back(static_cast<double>(60 * r));
    first = 0.9F * first + 0.4F * draw(random);
    second = 0.8F * second + 0.6F * draw(random);
    for (Eigen::Index c = 0; c < columns; ++c) {
      const float value = first * follows(0, c) + second * follows(1, c) + 0.3F * draw(random);
      run.values(r, c) = unit[c] * (5 + value);
    }
  }
  return run;
}

}  // namespace grayling
