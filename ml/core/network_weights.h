#pragma once

#include <string>
#include <vector>

#include <Eigen/Dense>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ml/core/dataset.h"

namespace grayling {

// The networks that grayling-ml trains and that the daemon runs. All end in one linear unit: the
// logit of a row.
enum class Architecture {
  kLstm,         // 1 or more LSTM layers
  kGru,          // 1 or more GRU layers
  kConvolution,  // causal 1-D convolutions with ReLU; layer n looks at every 2^n-th row
  kLogistic,     // no hidden layer: the head alone, on the row's features
};

// "lstm", "gru", "cnn", "logistic" and back; INVALID_ARGUMENT names the choices.
std::string ArchitectureName(Architecture architecture);
absl::StatusOr<Architecture> ParseArchitecture(absl::string_view name);

// One hidden layer: F inputs, H outputs, torch's layouts and gate orders.
struct LayerWeights {
  // LSTM 4H x F (i, f, g, o); GRU 3H x F (r, z, n); convolution H x (taps * F), the oldest tap
  // first.
  Matrix input;
  // LSTM 4H x H, GRU 3H x H; empty for a convolution.
  Matrix recurrent;
  // LSTM 4H: bias_ih + bias_hh; GRU 3H: bias_ih; convolution H.
  Eigen::VectorXf bias;
  // GRU 3H: bias_hh; else empty.
  Eigen::VectorXf recurrent_bias;
};

struct NetworkWeights {
  Architecture architecture = Architecture::kLstm;
  int taps = 1;  // of a convolution
  std::vector<LayerWeights> layers;
  Eigen::VectorXf head_weights;  // of the last layer's outputs, or of the inputs
  float head_bias = 0;
};

// OK when all shapes fit together and `inputs` features; INVALID_ARGUMENT names the layer.
absl::Status CheckShapes(const NetworkWeights& weights, int inputs);

}  // namespace grayling
