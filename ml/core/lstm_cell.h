#pragma once

#include "ml/core/model.h"

namespace grayling {

// One LSTM layer, one step at a time (torch's equations and gate order i, f, g, o):
//   i, f, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b)
//   c' = f * c + i * g,  h' = o * tanh(c')
// Step() does not allocate. Not thread-safe.
class LstmCell {
 public:
  // The shapes must fit (input 4H x F, recurrent 4H x H, bias 4H); Detector::Create checks them.
  explicit LstmCell(LstmWeights weights);

  int inputs() const { return static_cast<int>(weights_.input.cols()); }
  int hidden() const { return static_cast<int>(weights_.recurrent.cols()); }

  // `input` has F values, `h` and `c` H values each and are updated in place.
  void Step(const Eigen::Ref<const Eigen::VectorXf>& input, Eigen::Ref<Eigen::VectorXf> h,
            Eigen::Ref<Eigen::VectorXf> c);

 private:
  LstmWeights weights_;
  Eigen::VectorXf gates_;
};

}  // namespace grayling
