#pragma once

#include <Eigen/Dense>

#include "absl/types/span.h"
#include "ml/core/novelty.h"
#include "ml/core/novelty_state.h"

namespace grayling {

// Mean and covariance of vectors that come one by one. Memory: D x D, whatever their number.
class Moments {
 public:
  explicit Moments(Eigen::Index dimensions);
  void Add(const Eigen::VectorXf& values);
  // Of the vectors so far; zero without any.
  Eigen::VectorXd Mean();
  Eigen::MatrixXd Covariance();  // D x D, symmetric

 private:
  void Flush();

  Eigen::MatrixXf chunk_;  // D x vectors that wait
  Eigen::Index waiting_ = 0;
  double count_ = 0;
  Eigen::VectorXd sum_;
  Eigen::MatrixXd outer_;  // lower triangle of the sum of x x'
};

// The eigenvectors of the largest eigenvalues of a symmetric, positive semi-definite matrix.
struct Spectrum {
  Eigen::VectorXd values;   // K, descending, >= 0
  Eigen::MatrixXd vectors;  // D x K
};

// The `most` leading ones: exact up to 600 dimensions, beyond that by subspace iteration (Halko,
// Martinsson, Tropp 2011, algorithm 4.4) from a fixed start. Deterministic.
Spectrum LeadingSpectrum(const Eigen::MatrixXd& covariance, Eigen::Index most);

// The squared Mahalanobis distance, or the PCA reconstruction error for `mode` kPca, under vectors
// with this mean and covariance. `shrinkage` is added to every eigenvalue, in units of their mean.
// `usual` is left at 1.
NoveltyPart FitNoveltyPart(const Eigen::VectorXd& mean, const Eigen::MatrixXd& covariance,
                           NoveltyMode mode, double shrinkage);

// q of a part; `inputs` are the 2 C outputs of a NoveltyState, `centred` is scratch of D values and
// `projected` of K.
float QuadraticForm(const NoveltyPart& part, const Eigen::VectorXf& inputs,
                    Eigen::VectorXf& centred, Eigen::VectorXf& projected);

}  // namespace grayling
