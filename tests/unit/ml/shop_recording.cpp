#include "tests/unit/ml/shop_recording.h"

#include <algorithm>
#include <random>

namespace grayling {

ShopRecording::ShopRecording(double period_s) {
  dataset_.name = "shop";
  dataset_.period_s = period_s;
  Run run;
  run.id = "r1";
  for (size_t r = 0; r < kRows; ++r) run.time.push_back(1000 + period_s * static_cast<double>(r));
  run.values.resize(kRows, 0);
  dataset_.runs.push_back(std::move(run));
}

ShopRecording& ShopRecording::Column(const std::string& name, float level) {
  Matrix& values = run().values;
  values.conservativeResize(Eigen::NoChange, values.cols() + 1);
  std::mt19937 random(++columns_);
  std::uniform_real_distribution<float> wobble(0.97F, 1.03F);
  for (Eigen::Index r = 0; r < values.rows(); ++r)
    values(r, values.cols() - 1) = level * wobble(random);
  dataset_.columns.push_back(name);
  return *this;
}

ShopRecording& ShopRecording::Edge(const std::string& caller, const std::string& callee) {
  dataset_.edges.emplace_back(caller, callee);
  return *this;
}

ShopRecording& ShopRecording::During(const std::string& name, float factor) {
  const auto found = std::find(dataset_.columns.begin(), dataset_.columns.end(), name);
  run().values.col(found - dataset_.columns.begin()).tail(kRows - kStart) *= factor;
  return *this;
}

}  // namespace grayling
