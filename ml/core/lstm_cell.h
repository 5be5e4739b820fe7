#pragma once

#include "ml/core/network_layer.h"
#include "ml/core/network_weights.h"

namespace grayling {

// One LSTM layer (torch's equations and gate order i, f, g, o):
//   i, f, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b)
//   c' = f * c + i * g,  h' = o * tanh(c')
class LstmCell : public NetworkLayer {
 public:
  // The shapes must fit together: see CheckShapes.
  LstmCell(const LayerWeights& weights, int streams);

  void Reset() override;
  absl::Span<const float> Step(int stream, absl::Span<const float> input) override;

 private:
  // One column per weight of an input, so that a step is a sum of columns.
  Eigen::MatrixXf input_;
  Eigen::MatrixXf recurrent_;
  Eigen::VectorXf bias_;
  Eigen::VectorXf gates_;
  Eigen::VectorXf tanh_cell_;
  // H x streams.
  Eigen::MatrixXf hidden_;
  Eigen::MatrixXf cell_;
};

}  // namespace grayling
