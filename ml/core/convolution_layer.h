#pragma once

#include <vector>

#include "ml/core/network_layer.h"
#include "ml/core/network_weights.h"

namespace grayling {

// One causal convolution with ReLU: y_t = max(0, b + sum_k W_k x_{t - (taps - 1 - k) * dilation}),
// rows before the first are zero.
class ConvolutionLayer : public NetworkLayer {
 public:
  // The shapes must fit together: see CheckShapes. `dilation` in rows.
  ConvolutionLayer(const LayerWeights& weights, int taps, int dilation, int streams);

  void Reset() override;
  absl::Span<const float> Step(int stream, absl::Span<const float> input) override;

 private:
  struct Stream {
    Eigen::MatrixXf history;  // inputs x rows of history, a ring
    Eigen::Index next = 0;
    Eigen::VectorXf output;
  };

  const int dilation_;
  std::vector<Eigen::MatrixXf> taps_;  // outputs x inputs each, the oldest first
  Eigen::VectorXf bias_;
  std::vector<Stream> streams_;
};

}  // namespace grayling
