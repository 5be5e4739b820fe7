#include "ml/trainer/fused_lstm.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "ml/trainer/math_threads.h"

namespace grayling {
namespace {

struct Weights {
  std::vector<torch::Tensor> values;  // W_ih, W_hh, b_ih, b_hh

  Weights(int64_t inputs, int64_t units)
      : values{torch::randn({4 * units, inputs}) * 0.3, torch::randn({4 * units, units}) * 0.3,
               torch::randn({4 * units}) * 0.3, torch::randn({4 * units}) * 0.3} {
    for (torch::Tensor& value : values) value.requires_grad_();
  }
};

torch::Tensor Stock(const torch::Tensor& inputs, const Weights& weights) {
  const torch::Tensor start = torch::zeros({1, inputs.size(1), weights.values[1].size(1)});
  return std::get<0>(
      at::lstm(inputs, {start, start}, weights.values, true, 1, 0, true, false, false));
}

torch::Tensor Fused(const torch::Tensor& inputs, const Weights& weights) {
  const auto& w = weights.values;
  return FusedLstm(inputs, w[0], w[1], w[2] + w[3]);
}

double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : 1e9;
}

// Largest difference relative to the size of `b`, at least 1.
double RelativeDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return LargestDifference(a, b) / std::max(1.0, b.abs().max().item<double>());
}

TEST(FusedLstm, HasTheOutputsAndGradientsOfLibtorchsLstm) {
  UseOneMathThread();
  EXPECT_TRUE(rc::check("for any shape", [] {
    torch::manual_seed(*rc::gen::arbitrary<uint32_t>());
    const int64_t features = *rc::gen::inRange(1, 20);
    const Weights weights(features, *rc::gen::inRange(1, 40));
    torch::Tensor inputs =
        torch::randn({*rc::gen::inRange(1, 20), *rc::gen::inRange(1, 9), features});
    inputs.requires_grad_();
    std::vector<torch::Tensor> wanted = weights.values;
    wanted.push_back(inputs);

    const torch::Tensor expected = Stock(inputs, weights);
    const torch::Tensor outputs = Fused(inputs, weights);
    RC_ASSERT(LargestDifference(outputs, expected) < 1e-5);
    const torch::Tensor by_output = torch::randn_like(expected);
    const auto gradients = torch::autograd::grad({expected}, wanted, {by_output});
    const auto own = torch::autograd::grad({outputs}, wanted, {by_output});
    for (size_t i = 0; i < wanted.size(); ++i) {
      RC_ASSERT(RelativeDifference(own[i], gradients[i]) < 1e-4);
    }
  }));
}

TEST(FusedLstm, TakesInputsThatAreNotContiguousOrNeedNoGradient) {
  torch::manual_seed(1);
  const Weights weights(5, 7);
  const torch::Tensor inputs = torch::randn({3, 11, 5}).transpose(0, 1);
  const torch::Tensor expected = Stock(inputs, weights);
  const torch::Tensor outputs = Fused(inputs, weights);
  EXPECT_LT(LargestDifference(outputs, expected), 1e-5);
  // The gradient of a sum is one number expanded over all outputs.
  const auto gradients = torch::autograd::grad({expected.sum()}, weights.values);
  const auto own = torch::autograd::grad({outputs.sum()}, weights.values);
  for (size_t i = 0; i < own.size(); ++i) {
    EXPECT_LT(RelativeDifference(own[i], gradients[i]), 1e-4);
  }
}

}  // namespace
}  // namespace grayling
