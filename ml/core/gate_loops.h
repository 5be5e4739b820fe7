#pragma once

#include <cstddef>

#include <Eigen/Dense>

namespace grayling {

// The inner loops of recurrent networks over contiguous memory, shared by training and detection.
// They are compiled for several instruction sets and choose at run time. tanh is a rational
// approximation within 4e-7 of the true value; sigmoid(x) = (tanh(x / 2) + 1) / 2 cannot overflow.

// y += matrix * x; `x` has matrix.cols() values, `y` matrix.rows().
void AddProduct(const Eigen::MatrixXf& matrix, const float* x, float* y);

// A row-major block in memory: value (i, j) is data[i * row + j * step].
struct Block {
  const float* data;
  size_t row;
  size_t step = 1;
};

// c += a * b: a rows x depth, b depth x columns with step 1, c rows x columns with rows `c_row`
// apart. For the small products of one row of a batch, where packing costs more than it gains.
void MultiplyAdd(size_t rows, size_t depth, size_t columns, const Block& a, const Block& b,
                 float* c, size_t c_row);

// One LSTM row. `gates`: 4 * units sums in torch's order i, f, g, o, replaced by the gates' values.
// `cell_before` and `cell` may be the same.
void LstmForward(size_t units, float* gates, const float* cell_before, float* cell,
                 float* tanh_cell, float* hidden);

// The row's gradients. `gates` and `tanh_cell` as LstmForward left them; `hidden_gradient` is the
// loss's by the row's output; `cell_gradient` is the next row's on entry and this row's on return;
// `gate_gradients`: 4 * units, by the sums.
void LstmBackward(size_t units, const float* gates, const float* cell_before,
                  const float* tanh_cell, const float* hidden_gradient, float* cell_gradient,
                  float* gate_gradients);

// One GRU row: `from_input` = W x + b and `from_hidden` = U h + b_h, 3 * units in torch's order
// r, z, n; `hidden` is replaced by the row's output.
void GruForward(size_t units, const float* from_input, const float* from_hidden, float* hidden);

}  // namespace grayling
