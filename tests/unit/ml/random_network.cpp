#include "tests/unit/ml/random_network.h"

#include <cmath>

namespace grayling {

Matrix RandomMatrix(std::mt19937& random, Eigen::Index rows, Eigen::Index columns, float spread) {
  std::normal_distribution<float> normal(0, spread);
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = normal(random);
  return matrix;
}

NetworkWeights RandomNetwork(std::mt19937& random, Architecture architecture, int inputs,
                             int hidden, int layers, int taps) {
  NetworkWeights weights;
  weights.architecture = architecture;
  const bool convolution = architecture == Architecture::kConvolution;
  weights.taps = convolution ? taps : 1;
  const int gates = architecture == Architecture::kLstm ? 4 : 3;
  int width = inputs;
  for (int l = 0; architecture != Architecture::kLogistic && l < layers; ++l) {
    LayerWeights layer;
    const int rows = convolution ? hidden : gates * hidden;
    const int columns = weights.taps * width;
    const auto spread = 1 / std::sqrt(static_cast<float>(convolution ? columns : hidden));
    layer.input = RandomMatrix(random, rows, columns, spread);
    if (!convolution) layer.recurrent = RandomMatrix(random, rows, hidden, spread);
    layer.bias = RandomMatrix(random, rows, 1, spread);
    if (architecture == Architecture::kGru) {
      layer.recurrent_bias = RandomMatrix(random, rows, 1, spread);
    }
    weights.layers.push_back(std::move(layer));
    width = hidden;
  }
  weights.head_weights = RandomMatrix(random, width, 1, 1 / std::sqrt(static_cast<float>(width)));
  weights.head_bias = 0.25F;
  return weights;
}

}  // namespace grayling
