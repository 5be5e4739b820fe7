#include "ml/core/network_weights.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr std::pair<Architecture, const char*> kNames[] = {{Architecture::kLstm, "lstm"},
                                                           {Architecture::kGru, "gru"},
                                                           {Architecture::kConvolution, "cnn"},
                                                           {Architecture::kLogistic, "logistic"}};

// A convolution looks back 2^layers rows.
constexpr size_t kMostLayers = 16;

std::string Shape(const Matrix& matrix) { return absl::StrCat(matrix.rows(), "x", matrix.cols()); }

// What a layer with these many inputs and outputs must hold.
struct Shapes {
  Eigen::Index rows, input, recurrent, recurrent_bias;
};

Shapes ShapesOf(const NetworkWeights& weights, Eigen::Index inputs, Eigen::Index outputs) {
  switch (weights.architecture) {
    case Architecture::kLstm:
      return {4 * outputs, inputs, outputs, 0};
    case Architecture::kGru:
      return {3 * outputs, inputs, outputs, 3 * outputs};
    default:
      return {outputs, weights.taps * inputs, 0, 0};
  }
}

absl::Status CheckLayer(const NetworkWeights& weights, size_t index, Eigen::Index inputs,
                        Eigen::Index outputs) {
  const LayerWeights& layer = weights.layers[index];
  const Shapes expected = ShapesOf(weights, inputs, outputs);
  const Eigen::Index recurrent_rows = expected.recurrent == 0 ? 0 : expected.rows;
  if (outputs > 0 && layer.input.rows() == expected.rows && layer.input.cols() == expected.input &&
      layer.recurrent.rows() == recurrent_rows && layer.recurrent.cols() == expected.recurrent &&
      layer.bias.size() == expected.rows &&
      layer.recurrent_bias.size() == expected.recurrent_bias) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "layer ", index + 1, " of the ", ArchitectureName(weights.architecture),
      " network does not fit its ", inputs, " inputs and ", outputs, " units (input ",
      Shape(layer.input), ", recurrent ", Shape(layer.recurrent), ", bias ", layer.bias.size(),
      ", recurrent bias ", layer.recurrent_bias.size(), "); train it again"));
}

}  // namespace

std::string ArchitectureName(Architecture architecture) {
  for (const auto& [value, name] : kNames) {
    if (value == architecture) return name;
  }
  return "unknown";
}

absl::StatusOr<Architecture> ParseArchitecture(absl::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (name == known) return value;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown architecture \"", name, "\"; choose lstm, gru, cnn or logistic"));
}

absl::Status CheckShapes(const NetworkWeights& weights, int inputs) {
  const bool has_layers = weights.architecture != Architecture::kLogistic;
  if (inputs < 1 || weights.taps < 1 || weights.layers.empty() == has_layers ||
      weights.layers.size() > kMostLayers) {
    return absl::InvalidArgumentError(
        absl::StrCat("a ", ArchitectureName(weights.architecture), " network with ", inputs,
                     " inputs, ", weights.layers.size(), " hidden layers and ", weights.taps,
                     " taps cannot be; train it again"));
  }
  Eigen::Index width = inputs;
  for (size_t l = 0; l < weights.layers.size(); ++l) {
    const LayerWeights& layer = weights.layers[l];
    const Eigen::Index outputs = weights.architecture == Architecture::kConvolution
                                     ? layer.input.rows()
                                     : layer.recurrent.cols();
    const absl::Status fits = CheckLayer(weights, l, width, outputs);
    if (!fits.ok()) return fits;
    width = outputs;
  }
  if (weights.head_weights.size() == width) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the network's head has ",
                                                 weights.head_weights.size(), " weights for ",
                                                 width, " inputs; train it again"));
}

}  // namespace grayling
