#include "ml/core/gru_cell.h"

#include "ml/core/gate_loops.h"

namespace grayling {

GruCell::GruCell(const LayerWeights& weights, int streams)
    : input_(weights.input),
      recurrent_(weights.recurrent),
      bias_(weights.bias),
      recurrent_bias_(weights.recurrent_bias),
      from_input_(weights.bias.size()),
      from_hidden_(weights.bias.size()),
      hidden_(Eigen::MatrixXf::Zero(weights.recurrent.cols(), streams)) {}

void GruCell::Reset() { hidden_.setZero(); }

absl::Span<const float> GruCell::Step(int stream, absl::Span<const float> input) {
  float* hidden = hidden_.col(stream).data();
  const auto units = static_cast<size_t>(hidden_.rows());
  from_input_ = bias_;
  AddProduct(input_, input.data(), from_input_.data());
  from_hidden_ = recurrent_bias_;
  AddProduct(recurrent_, hidden, from_hidden_.data());
  GruForward(units, from_input_.data(), from_hidden_.data(), hidden);
  return {hidden, units};
}

}  // namespace grayling
