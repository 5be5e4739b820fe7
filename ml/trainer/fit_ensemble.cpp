#include "ml/trainer/fit_ensemble.h"

#include <algorithm>

namespace grayling {
namespace {

int GatesOf(Architecture architecture) {
  if (architecture == Architecture::kLstm) return 4;
  if (architecture == Architecture::kGru) return 3;
  return 1;
}

// Where the hidden units of each member go in a matrix with one block of rows per gate.
class Places {
 public:
  Places(Eigen::Index gates, Eigen::Index hidden, Eigen::Index members)
      : gates_(gates), hidden_(hidden), members_(members) {}

  Eigen::Index rows() const { return gates_ * hidden_ * members_; }
  Eigen::Index hidden() const { return hidden_; }
  Eigen::Index gates() const { return gates_; }
  Eigen::Index RowOf(Eigen::Index gate, Eigen::Index member) const {
    return (gate * members_ + member) * hidden_;
  }

 private:
  Eigen::Index gates_, hidden_, members_;
};

// Puts the rows of `from` where they belong; its columns begin at `column` of each of `taps` blocks
// of columns.
void Place(const Matrix& from, const Places& places, Eigen::Index member, Eigen::Index column,
           Eigen::Index taps, Matrix& to) {
  const Eigen::Index width = from.cols() / taps;
  const Eigen::Index stride = to.cols() / taps;
  for (Eigen::Index gate = 0; gate < places.gates(); ++gate) {
    for (Eigen::Index tap = 0; tap < taps; ++tap) {
      to.block(places.RowOf(gate, member), tap * stride + column, places.hidden(), width) =
          from.block(gate * places.hidden(), tap * width, places.hidden(), width);
    }
  }
}

void Place(const Eigen::VectorXf& from, const Places& places, Eigen::Index member,
           Eigen::VectorXf& to) {
  for (Eigen::Index gate = 0; gate < places.gates(); ++gate) {
    to.segment(places.RowOf(gate, member), places.hidden()) =
        from.segment(gate * places.hidden(), places.hidden());
  }
}

LayerWeights SideBySide(absl::Span<const NetworkWeights> members, size_t layer) {
  const LayerWeights& first = members[0].layers[layer];
  const auto count = static_cast<Eigen::Index>(members.size());
  const Eigen::Index gates = GatesOf(members[0].architecture);
  const Eigen::Index hidden = first.input.rows() / gates;
  const bool is_convolution = members[0].architecture == Architecture::kConvolution;
  const Eigen::Index taps = is_convolution ? members[0].taps : 1;
  const Places places(gates, hidden, count);
  // The first layer of every member reads the same inputs, the others read their own.
  const Eigen::Index own = layer == 0 ? 0 : first.input.cols() / taps;
  LayerWeights all;
  all.input =
      Matrix::Zero(places.rows(), layer == 0 ? first.input.cols() : count * first.input.cols());
  all.bias = Eigen::VectorXf::Zero(places.rows());
  if (first.recurrent.size() > 0) all.recurrent = Matrix::Zero(places.rows(), count * hidden);
  if (first.recurrent_bias.size() > 0) all.recurrent_bias = Eigen::VectorXf::Zero(places.rows());
  for (Eigen::Index m = 0; m < count; ++m) {
    const LayerWeights& member = members[static_cast<size_t>(m)].layers[layer];
    Place(member.input, places, m, m * own, taps, all.input);
    Place(member.bias, places, m, all.bias);
    if (all.recurrent.size() > 0) Place(member.recurrent, places, m, m * hidden, 1, all.recurrent);
    if (all.recurrent_bias.size() > 0) Place(member.recurrent_bias, places, m, all.recurrent_bias);
  }
  return all;
}

}  // namespace

NetworkWeights AverageOf(absl::Span<const NetworkWeights> members) {
  NetworkWeights average;
  average.architecture = members[0].architecture;
  average.taps = members[0].taps;
  for (size_t layer = 0; layer < members[0].layers.size(); ++layer) {
    average.layers.push_back(SideBySide(members, layer));
  }
  const auto count = static_cast<float>(members.size());
  const Eigen::Index width = members[0].head_weights.size();
  const bool shares_inputs = members[0].layers.empty();
  average.head_weights = Eigen::VectorXf::Zero(
      shares_inputs ? width : width * static_cast<Eigen::Index>(members.size()));
  for (size_t m = 0; m < members.size(); ++m) {
    const Eigen::Index start = shares_inputs ? 0 : width * static_cast<Eigen::Index>(m);
    average.head_weights.segment(start, width) += members[m].head_weights / count;
    average.head_bias += members[m].head_bias / count;
  }
  return average;
}

}  // namespace grayling
