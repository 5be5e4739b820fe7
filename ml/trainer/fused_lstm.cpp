#include "ml/trainer/fused_lstm.h"

#include <algorithm>
#include <vector>

#include "ml/core/gate_loops.h"

namespace grayling {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

void AddRows(size_t rows, size_t columns, const float* values, float* sums) {
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) sums[c] += values[r * columns + c];
  }
}

// Saved for the way back: inputs, both weights, gates, cells, their tanh, outputs.
struct FusedLstmNode : torch::autograd::Function<FusedLstmNode> {
  static Tensor forward(AutogradContext* context, const Tensor& given, const Tensor& input_weights,
                        const Tensor& recurrent_weights, const Tensor& bias) {
    const Tensor inputs = given.contiguous();
    const int64_t rows = inputs.size(0);
    const int64_t batch = inputs.size(1);
    const int64_t units = recurrent_weights.size(1);
    const int64_t features = inputs.size(2);
    const Tensor gates = torch::empty({rows, batch, 4 * units});
    const Tensor cells = torch::empty({rows, batch, units});
    const Tensor tanh_cells = torch::empty({rows, batch, units});
    const Tensor outputs = torch::empty({rows, batch, units});
    const Tensor start = torch::zeros({batch, units});
    // A product's right side has contiguous rows.
    const Tensor by_feature = input_weights.t().contiguous();
    const Tensor by_unit = recurrent_weights.t().contiguous();
    const Tensor biases = bias.contiguous();
    const auto width = static_cast<size_t>(units);
    const auto streams = static_cast<size_t>(batch);
    const auto columns = static_cast<size_t>(features);
    const float* before = start.data_ptr<float>();
    const float* last = nullptr;
    for (int64_t row = 0; row < rows; ++row) {
      float* gate = gates.data_ptr<float>() + row * batch * 4 * units;
      float* output = outputs.data_ptr<float>() + row * batch * units;
      float* cell = cells.data_ptr<float>() + row * batch * units;
      float* tanh_cell = tanh_cells.data_ptr<float>() + row * batch * units;
      for (size_t b = 0; b < streams; ++b) {
        std::copy_n(biases.data_ptr<float>(), 4 * width, gate + b * 4 * width);
      }
      MultiplyAdd(streams, columns, 4 * width,
                  {inputs.data_ptr<float>() + row * batch * features, columns},
                  {by_feature.data_ptr<float>(), 4 * width}, gate, 4 * width);
      if (row > 0) {
        MultiplyAdd(streams, width, 4 * width, {last, width},
                    {by_unit.data_ptr<float>(), 4 * width}, gate, 4 * width);
      }
      for (size_t b = 0; b < streams; ++b) {
        LstmForward(width, gate + b * 4 * width, before + b * width, cell + b * width,
                    tanh_cell + b * width, output + b * width);
      }
      before = cell;
      last = output;
    }
    context->save_for_backward(
        {inputs, input_weights, recurrent_weights, gates, cells, tanh_cells, outputs});
    return outputs;
  }

  static variable_list backward(AutogradContext* context, variable_list output_gradients) {
    const variable_list saved = context->get_saved_variables();
    const Tensor& inputs = saved[0];
    const Tensor input_weights = saved[1].contiguous();
    const Tensor recurrent_weights = saved[2].contiguous();
    const int64_t rows = inputs.size(0);
    const int64_t batch = inputs.size(1);
    const auto columns = static_cast<size_t>(inputs.size(2));
    const auto width = static_cast<size_t>(recurrent_weights.size(1));
    const auto streams = static_cast<size_t>(batch);
    const size_t cells = streams * width;
    const Tensor by_output = output_gradients[0].contiguous();
    const Tensor by_input_weights = torch::zeros_like(input_weights);
    const Tensor by_recurrent_weights = torch::zeros_like(recurrent_weights);
    const Tensor by_bias = torch::zeros({static_cast<int64_t>(4 * width)});
    const Tensor by_inputs = context->needs_input_grad(0) ? torch::zeros_like(inputs) : Tensor();
    std::vector<float> by_hidden(cells), by_cell(cells), by_gate(4 * cells);
    const std::vector<float> start(cells);
    for (int64_t row = rows - 1; row >= 0; --row) {
      const size_t first = static_cast<size_t>(row) * cells;
      const float* from_above = by_output.data_ptr<float>() + first;
      for (size_t i = 0; i < cells; ++i) by_hidden[i] += from_above[i];
      const float* before = row > 0 ? saved[4].data_ptr<float>() + first - cells : start.data();
      for (size_t b = 0; b < streams; ++b) {
        LstmBackward(width, saved[3].data_ptr<float>() + 4 * (first + b * width),
                     before + b * width, saved[5].data_ptr<float>() + first + b * width,
                     by_hidden.data() + b * width, by_cell.data() + b * width,
                     by_gate.data() + b * 4 * width);
      }
      const size_t first_input = static_cast<size_t>(row) * streams * columns;
      const Block transposed{by_gate.data(), 1, 4 * width};
      AddRows(streams, 4 * width, by_gate.data(), by_bias.data_ptr<float>());
      MultiplyAdd(4 * width, streams, columns, transposed,
                  {inputs.data_ptr<float>() + first_input, columns},
                  by_input_weights.data_ptr<float>(), columns);
      if (by_inputs.defined()) {
        MultiplyAdd(streams, 4 * width, columns, {by_gate.data(), 4 * width},
                    {input_weights.data_ptr<float>(), columns},
                    by_inputs.data_ptr<float>() + first_input, columns);
      }
      if (row == 0) break;
      MultiplyAdd(4 * width, streams, width, transposed,
                  {saved[6].data_ptr<float>() + first - cells, width},
                  by_recurrent_weights.data_ptr<float>(), width);
      std::fill(by_hidden.begin(), by_hidden.end(), 0.0F);
      MultiplyAdd(streams, 4 * width, width, {by_gate.data(), 4 * width},
                  {recurrent_weights.data_ptr<float>(), width}, by_hidden.data(), width);
    }
    return {by_inputs, by_input_weights, by_recurrent_weights, by_bias};
  }
};

}  // namespace

torch::Tensor FusedLstm(const torch::Tensor& inputs, const torch::Tensor& input_weights,
                        const torch::Tensor& recurrent_weights, const torch::Tensor& bias) {
  return FusedLstmNode::apply(inputs, input_weights, recurrent_weights, bias);
}

}  // namespace grayling
