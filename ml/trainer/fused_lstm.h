#pragma once

#include <torch/torch.h>

namespace grayling {

// One LSTM layer over whole sequences from a zero state: torch's equations, gate order and
// gradients, as one autograd node with hand-written products and loops (gate_loops.h) that finish
// each row while it is in the cache; stock libtorch builds a dozen nodes per row.
//   inputs rows x batch x F, input_weights 4H x F, recurrent_weights 4H x H, bias 4H
//   -> rows x batch x H
// Float tensors on the CPU. Not differentiable twice.
torch::Tensor FusedLstm(const torch::Tensor& inputs, const torch::Tensor& input_weights,
                        const torch::Tensor& recurrent_weights, const torch::Tensor& bias);

}  // namespace grayling
