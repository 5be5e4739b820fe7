#include "ml/core/novelty_moments.h"

#include <algorithm>
#include <random>

namespace grayling {
namespace {

constexpr Eigen::Index kChunk = 256;
constexpr Eigen::Index kExactDimensions = 600;
constexpr Eigen::Index kFullDimensions = 256;
constexpr Eigen::Index kLeadingDirections = 128;  // of more dimensions than that
constexpr Eigen::Index kOversampling = 16;
constexpr int kIterations = 4;
constexpr double kKeptVariance = 0.8;  // by the components of a PCA
constexpr double kTiny = 1e-9;

Eigen::MatrixXd Orthonormal(const Eigen::MatrixXd& columns) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
  return qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), columns.cols());
}

Eigen::Index ComponentsFor(const Spectrum& spectrum, double total) {
  double kept = 0;
  Eigen::Index count = 0;
  while (count < spectrum.values.size() && kept < kKeptVariance * total) {
    kept += spectrum.values[count++];
  }
  return count;
}

}  // namespace

Moments::Moments(Eigen::Index dimensions)
    : chunk_(dimensions, kChunk),
      sum_(Eigen::VectorXd::Zero(dimensions)),
      outer_(Eigen::MatrixXd::Zero(dimensions, dimensions)) {}

void Moments::Add(const Eigen::VectorXf& values) {
  chunk_.col(waiting_++) = values;
  if (waiting_ == kChunk) Flush();
}

void Moments::Flush() {
  if (waiting_ == 0) return;
  // Products in single precision, sums of them in double: fast, and no digits lost over many rows.
  const auto filled = chunk_.leftCols(waiting_);
  Eigen::MatrixXf product = Eigen::MatrixXf::Zero(outer_.rows(), outer_.cols());
  product.selfadjointView<Eigen::Lower>().rankUpdate(filled);
  outer_ += product.cast<double>();
  sum_ += filled.rowwise().sum().cast<double>();
  count_ += static_cast<double>(waiting_);
  waiting_ = 0;
}

Eigen::VectorXd Moments::Mean() {
  Flush();
  return sum_ / std::max(count_, 1.0);
}

Eigen::MatrixXd Moments::Covariance() {
  const Eigen::VectorXd mean = Mean();
  Eigen::MatrixXd covariance = outer_.selfadjointView<Eigen::Lower>();
  covariance /= std::max(count_, 1.0);
  return covariance - mean * mean.transpose();
}

Spectrum LeadingSpectrum(const Eigen::MatrixXd& covariance, Eigen::Index most) {
  const Eigen::Index size = covariance.rows();
  most = std::min(most, size);
  if (size <= kExactDimensions) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
    return {solver.eigenvalues().reverse().head(most).cwiseMax(0),
            solver.eigenvectors().rightCols(most).rowwise().reverse()};
  }
  std::mt19937_64 random(1);
  Eigen::MatrixXd basis(size, std::min(size, most + kOversampling));
  // Signs instead of normal deviates: the same on every machine and library.
  for (double& value : basis.reshaped()) value = (random() & 1U) != 0 ? 1 : -1;
  basis = Orthonormal(basis);
  for (int i = 0; i < kIterations; ++i) basis = Orthonormal(covariance * basis);
  const Eigen::MatrixXd small = basis.transpose() * (covariance * basis);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(small);
  return {solver.eigenvalues().reverse().head(most).cwiseMax(0),
          basis * solver.eigenvectors().rightCols(most).rowwise().reverse()};
}

NoveltyPart FitNoveltyPart(const Eigen::VectorXd& mean, const Eigen::MatrixXd& covariance,
                           NoveltyMode mode, double shrinkage) {
  const Eigen::Index size = mean.size();
  const double total = std::max(covariance.trace(), 0.0);
  const double added = shrinkage * total / static_cast<double>(size) + kTiny;
  const Spectrum spectrum =
      LeadingSpectrum(covariance, size <= kFullDimensions ? kFullDimensions : kLeadingDirections);
  Eigen::Index kept = spectrum.values.size();
  if (mode == NoveltyMode::kPca) kept = std::min(ComponentsFor(spectrum, total), size - 1);
  NoveltyPart part;
  part.mean = mean.cast<float>();
  part.directions = spectrum.vectors.leftCols(kept).transpose().cast<float>();
  if (mode == NoveltyMode::kPca) {
    part.weights = Eigen::VectorXf::Zero(kept);
    part.rest_weight = 1;
    return part;
  }
  part.weights = (spectrum.values.array() + added).inverse().matrix().cast<float>();
  if (kept < size) {
    const double rest = std::max(total - spectrum.values.sum(), 0.0);
    part.rest_weight = static_cast<float>(1 / (rest / static_cast<double>(size - kept) + added));
  }
  return part;
}

float QuadraticForm(const NoveltyPart& part, const Eigen::VectorXf& inputs,
                    Eigen::VectorXf& centred, Eigen::VectorXf& projected) {
  const Eigen::Index first = part.input == NoveltyInput::kChange ? inputs.size() / 2 : 0;
  centred.noalias() = inputs.segment(first, part.mean.size()) - part.mean;
  projected.noalias() = part.directions * centred;
  const float rest = std::max(centred.squaredNorm() - projected.squaredNorm(), 0.0F);
  return part.weights.dot(projected.cwiseAbs2()) + part.rest_weight * rest;
}

}  // namespace grayling
