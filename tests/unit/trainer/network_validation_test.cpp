#include "ml/trainer/network_validation.h"

#include <gmock/gmock.h>

#include <cmath>

namespace grayling {
namespace {

// Says its first input.
NetworkWeights FirstInput() {
  NetworkWeights weights;
  weights.architecture = Architecture::kLogistic;
  weights.head_weights = Eigen::Vector2f(1, 0);
  return weights;
}

TrainingSequence Rows() {
  TrainingSequence rows;
  rows.inputs.resize(4, 2);
  rows.inputs << 4, 0, 3, 0, 2, 0, 1, 0;
  rows.targets = {1, 0, 1, 0};
  rows.weights = {1, 1, 1, 1};
  return rows;
}

TEST(ValidationPrAuc, IsTheAveragePrecisionOfTheRowsThatCount) {
  TrainingSequence rows = Rows();
  EXPECT_DOUBLE_EQ(ValidationPrAuc(FirstInput(), {&rows, 1}), 0.5 * 1 + 0.5 * 2 / 3);
  rows.weights[1] = 0;
  EXPECT_DOUBLE_EQ(ValidationPrAuc(FirstInput(), {&rows, 1}), 1);
}

TEST(ValidationPrAuc, IsUndefinedWithoutPositives) {
  TrainingSequence rows = Rows();
  rows.targets = {0, 0, 0, 0};
  EXPECT_TRUE(std::isnan(ValidationPrAuc(FirstInput(), {&rows, 1})));
  EXPECT_TRUE(std::isnan(ValidationPrAuc(FirstInput(), {})));
}

}  // namespace
}  // namespace grayling
