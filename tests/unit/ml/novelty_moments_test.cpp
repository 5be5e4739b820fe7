#include "ml/core/novelty_moments.h"

#include <gtest/gtest.h>

#include <random>

namespace grayling {
namespace {

Eigen::MatrixXd Normal(Eigen::Index rows, Eigen::Index columns, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Eigen::MatrixXd values(rows, columns);
  for (double& value : values.reshaped()) value = normal(random);
  return values;
}

TEST(Moments, AreTheMeanAndTheCovarianceOfAllVectors) {
  const Eigen::MatrixXd rows = (Normal(1000, 5, 1) * Normal(5, 5, 2)).array() + 3;
  Moments moments(5);
  for (Eigen::Index r = 0; r < rows.rows(); ++r) moments.Add(rows.row(r).transpose().cast<float>());
  const Eigen::RowVectorXd mean = rows.colwise().mean();
  const Eigen::MatrixXd centred = rows.rowwise() - mean;
  EXPECT_LT((moments.Mean() - mean.transpose()).norm(), 1e-4);
  EXPECT_LT((moments.Covariance() - centred.transpose() * centred / 1000).norm(), 1e-3);
  // Asking is no change.
  EXPECT_LT((moments.Mean() - mean.transpose()).norm(), 1e-4);
}

TEST(LeadingSpectrum, OfManyDimensionsEqualsTheExactOne) {
  const Eigen::Index size = 640;
  Eigen::MatrixXd factors = Normal(size, 40, 1);
  for (Eigen::Index k = 0; k < 40; ++k) factors.col(k) *= std::pow(0.8, static_cast<double>(k));
  const Eigen::MatrixXd covariance =
      factors * factors.transpose() + 1e-3 * Eigen::MatrixXd::Identity(size, size);
  const Spectrum leading = LeadingSpectrum(covariance, 10);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> exact(covariance);
  ASSERT_EQ(leading.values.size(), 10);
  for (Eigen::Index k = 0; k < 10; ++k) {
    const double value = exact.eigenvalues()[size - 1 - k];
    EXPECT_NEAR(leading.values[k], value, 1e-6 * value);
    EXPECT_NEAR(std::abs(leading.vectors.col(k).dot(exact.eigenvectors().col(size - 1 - k))), 1,
                1e-4);
  }
}

TEST(NoveltyPart, IsTheMahalanobisDistanceUnderTheShrunkenCovariance) {
  const Eigen::MatrixXd root = Normal(4, 4, 1);
  const Eigen::MatrixXd covariance = root * root.transpose();
  const Eigen::VectorXd mean = Normal(4, 1, 2);
  const NoveltyPart part = FitNoveltyPart(mean, covariance, NoveltyMode::kDistance, 0.1);
  const Eigen::MatrixXd shrunken =
      covariance + 0.1 * covariance.trace() / 4 * Eigen::MatrixXd::Identity(4, 4);
  Eigen::VectorXf inputs = Eigen::VectorXf::Zero(8);
  inputs.head(4) = Normal(4, 1, 3).cast<float>();
  const Eigen::VectorXd y = inputs.head(4).cast<double>() - mean;
  Eigen::VectorXf centred, projected;
  const double expected = y.dot(shrunken.inverse() * y);
  EXPECT_NEAR(QuadraticForm(part, inputs, centred, projected), expected, 1e-3 * expected);
}

TEST(NoveltyPart, OfAPcaIsWhatTheComponentsCannotGiveBack) {
  // Nearly all variance along (1, 1).
  Eigen::MatrixXd covariance(2, 2);
  covariance << 1, 0.99, 0.99, 1;
  const NoveltyPart part =
      FitNoveltyPart(Eigen::VectorXd::Zero(2), covariance, NoveltyMode::kPca, 0.1);
  Eigen::VectorXf inputs = Eigen::VectorXf::Zero(4);
  Eigen::VectorXf centred, projected;
  inputs.head(2) << 3, 3;
  EXPECT_NEAR(QuadraticForm(part, inputs, centred, projected), 0, 1e-4);
  inputs.head(2) << 3, -3;
  EXPECT_NEAR(QuadraticForm(part, inputs, centred, projected), 18, 1e-3);
}

}  // namespace
}  // namespace grayling
