#include "ml/core/lstm_cell.h"

#include "ml/core/gate_loops.h"

namespace grayling {

LstmCell::LstmCell(const LayerWeights& weights, int streams)
    : input_(weights.input),
      recurrent_(weights.recurrent),
      bias_(weights.bias),
      gates_(weights.bias.size()),
      tanh_cell_(weights.recurrent.cols()),
      hidden_(Eigen::MatrixXf::Zero(weights.recurrent.cols(), streams)),
      cell_(Eigen::MatrixXf::Zero(weights.recurrent.cols(), streams)) {}

void LstmCell::Reset() {
  hidden_.setZero();
  cell_.setZero();
}

absl::Span<const float> LstmCell::Step(int stream, absl::Span<const float> input) {
  float* hidden = hidden_.col(stream).data();
  float* cell = cell_.col(stream).data();
  const auto units = static_cast<size_t>(hidden_.rows());
  gates_ = bias_;
  AddProduct(input_, input.data(), gates_.data());
  AddProduct(recurrent_, hidden, gates_.data());
  LstmForward(units, gates_.data(), cell, cell, tanh_cell_.data(), hidden);
  return {hidden, units};
}

}  // namespace grayling
