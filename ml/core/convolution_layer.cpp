#include "ml/core/convolution_layer.h"

#include <algorithm>

#include "ml/core/gate_loops.h"

namespace grayling {

ConvolutionLayer::ConvolutionLayer(const LayerWeights& weights, int taps, int dilation, int streams)
    : dilation_(dilation), bias_(weights.bias), streams_(static_cast<size_t>(streams)) {
  const Eigen::Index inputs = weights.input.cols() / taps;
  for (int tap = 0; tap < taps; ++tap) {
    taps_.emplace_back(weights.input.middleCols(tap * inputs, inputs));
  }
  const Eigen::Index rows = static_cast<Eigen::Index>(taps - 1) * dilation + 1;
  for (Stream& stream : streams_) {
    stream.history = Eigen::MatrixXf::Zero(inputs, rows);
    stream.output = Eigen::VectorXf::Zero(bias_.size());
  }
}

void ConvolutionLayer::Reset() {
  for (Stream& stream : streams_) stream.history.setZero();
}

absl::Span<const float> ConvolutionLayer::Step(int stream, absl::Span<const float> input) {
  Stream& state = streams_[static_cast<size_t>(stream)];
  const Eigen::Index rows = state.history.cols();
  std::copy(input.begin(), input.end(), state.history.col(state.next).data());
  state.next = (state.next + 1) % rows;
  // The slot to be overwritten next holds the oldest row.
  state.output = bias_;
  for (size_t tap = 0; tap < taps_.size(); ++tap) {
    const Eigen::Index slot = (state.next + static_cast<Eigen::Index>(tap) * dilation_) % rows;
    AddProduct(taps_[tap], state.history.col(slot).data(), state.output.data());
  }
  for (float& value : state.output) value = std::max(value, 0.0F);
  return {state.output.data(), static_cast<size_t>(state.output.size())};
}

}  // namespace grayling
