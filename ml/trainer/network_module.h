#pragma once

#include <torch/torch.h>

#include <vector>

#include "ml/trainer/network.h"
#include "ml/trainer/network_random.h"

namespace grayling {

torch::Tensor ToTensor(const Matrix& matrix);
Matrix ToMatrix(const torch::Tensor& tensor);
Eigen::VectorXf ToVector(const torch::Tensor& tensor);
// Uniform within +-limit.
torch::Tensor DrawUniform(const std::vector<int64_t>& shape, double limit, NetworkRandom& random);

// A network of NetworkWeights as libtorch tensors that can be trained.
class NetworkModule {
 public:
  // Initial weights as torch's own layers draw them, from `random`.
  NetworkModule(const NetworkSettings& settings, int64_t inputs, NetworkRandom& random);
  explicit NetworkModule(const NetworkWeights& weights);

  // In a fixed order. Recurrent layers: W_ih, W_hh, b_ih, b_hh; convolutions: W, b; then the head's
  // weights and bias.
  const std::vector<torch::Tensor>& parameters() const { return parameters_; }
  // The weights that these values of the parameters make.
  NetworkWeights Export(const std::vector<torch::Tensor>& values) const;

  // Logits, rows x batch, of inputs rows x batch x features. `mask` (undefined: none) multiplies
  // the last hidden layer's outputs. `fused` chooses FusedLstm; else libtorch's own layers run.
  torch::Tensor Forward(const torch::Tensor& inputs, const torch::Tensor& mask, bool fused) const;

 private:
  torch::Tensor Recurrent(const torch::Tensor& inputs, bool fused) const;
  torch::Tensor Convolutions(torch::Tensor values, bool fused) const;

  Architecture architecture_;
  int64_t layers_;
  int64_t taps_;
  std::vector<torch::Tensor> parameters_;
};

}  // namespace grayling
