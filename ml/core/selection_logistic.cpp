#include "ml/core/selection_logistic.h"

#include <algorithm>
#include <cmath>

namespace grayling {
namespace {

constexpr double kRidge = 1;
constexpr double kMostWeight = 10;
constexpr int kMostSteps = 30;
constexpr double kLongestStep = 5;

}  // namespace

LogisticModel FitLogistic(Eigen::Ref<const Matrix> values, absl::Span<const int> labels) {
  const Eigen::Index n = values.rows();
  const Eigen::Index k = values.cols();
  LogisticModel model{Eigen::VectorXf::Zero(k), 0};
  if (n == 0) return model;
  // The last column of `x` is the constant.
  Eigen::MatrixXd x(n, k + 1);
  x.leftCols(k) = values.cast<double>();
  x.col(k).setOnes();
  const Eigen::RowVectorXd mean = x.leftCols(k).colwise().mean();
  x.leftCols(k).rowwise() -= mean;
  Eigen::RowVectorXd scale =
      (x.leftCols(k).colwise().squaredNorm() / static_cast<double>(n)).cwiseSqrt();
  for (double& entry : scale) entry = entry > 1e-9 ? 1 / entry : 0;
  x.leftCols(k) *= scale.transpose().asDiagonal();

  Eigen::VectorXd target(n);
  for (Eigen::Index r = 0; r < n; ++r) target(r) = labels[static_cast<size_t>(r)] > 0 ? 1 : 0;
  const double positives = target.sum();
  const double weight =
      positives > 0 ? std::clamp((static_cast<double>(n) - positives) / positives, 1.0, kMostWeight)
                    : 1;
  const Eigen::VectorXd importance = (target.array() * (weight - 1) + 1).matrix();

  Eigen::VectorXd ridge = Eigen::VectorXd::Constant(k + 1, kRidge);
  ridge(k) = 1e-6;
  Eigen::VectorXd w = Eigen::VectorXd::Zero(k + 1);
  for (int step = 0; step < kMostSteps; ++step) {
    const Eigen::VectorXd p = (1 + (-(x * w).array()).exp()).inverse().matrix();
    const Eigen::VectorXd gradient =
        x.transpose() * (importance.array() * (target - p).array()).matrix() -
        ridge.cwiseProduct(w);
    const Eigen::VectorXd curvature =
        (importance.array() * p.array() * (1 - p.array())).max(1e-9).matrix();
    Eigen::MatrixXd hessian = x.transpose() * curvature.asDiagonal() * x;
    hessian.diagonal() += ridge;
    Eigen::VectorXd move = hessian.ldlt().solve(gradient);
    const double length = move.norm();
    if (!std::isfinite(length)) break;
    if (length > kLongestStep) move *= kLongestStep / length;
    w += move;
    if (length < 1e-6) break;
  }
  model.weights = w.head(k).cwiseProduct(scale.transpose()).cast<float>();
  model.bias =
      static_cast<float>(w(k) - (mean.array() * scale.array()).matrix().dot(w.head(k).transpose()));
  return model;
}

}  // namespace grayling
