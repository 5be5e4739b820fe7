#pragma once

#include "ml/core/network_layer.h"
#include "ml/core/network_weights.h"

namespace grayling {

// One GRU layer (torch's equations and gate order r, z, n; the reset gate acts on U h + b_h):
//   r, z = sigmoid(W x + b + U h + b_h), n = tanh(W x + b + r * (U h + b_h))
//   h' = (1 - z) * n + z * h
class GruCell : public NetworkLayer {
 public:
  // The shapes must fit together: see CheckShapes.
  GruCell(const LayerWeights& weights, int streams);

  void Reset() override;
  absl::Span<const float> Step(int stream, absl::Span<const float> input) override;

 private:
  Eigen::MatrixXf input_;
  Eigen::MatrixXf recurrent_;
  Eigen::VectorXf bias_;
  Eigen::VectorXf recurrent_bias_;
  Eigen::VectorXf from_input_;
  Eigen::VectorXf from_hidden_;
  Eigen::MatrixXf hidden_;  // H x streams
};

}  // namespace grayling
