#include "ml/core/lstm_cell.h"

#include <utility>

namespace grayling {

LstmCell::LstmCell(LstmWeights weights)
    : weights_(std::move(weights)), gates_(Eigen::VectorXf::Zero(weights_.bias.size())) {}

void LstmCell::Step(const Eigen::Ref<const Eigen::VectorXf>& input, Eigen::Ref<Eigen::VectorXf> h,
                    Eigen::Ref<Eigen::VectorXf> c) {
  const Eigen::Index n = hidden();
  gates_ = weights_.bias;
  gates_.noalias() += weights_.input * input;
  gates_.noalias() += weights_.recurrent * h;
  // sigmoid(x) = (tanh(x / 2) + 1) / 2, which cannot overflow.
  const auto sigmoid = [](auto part) { part = 0.5F * (0.5F * part).tanh() + 0.5F; };
  sigmoid(gates_.head(2 * n).array());
  sigmoid(gates_.tail(n).array());
  c.array() = gates_.segment(n, n).array() * c.array() +
              gates_.head(n).array() * gates_.segment(2 * n, n).array().tanh();
  h.array() = gates_.tail(n).array() * c.array().tanh();
}

}  // namespace grayling
