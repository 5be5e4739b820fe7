#include "ml/core/gate_loops.h"

#include <cstring>

namespace grayling {
namespace {

// Sanitizers instrument the resolvers that choose a clone, which run before they are ready.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GRAYLING_CHOOSES_AT_RUN_TIME
#define GRAYLING_VECTOR_LOOP \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GRAYLING_VECTOR_LOOP
#endif

// The minimax rational of degree 13/6 that Eigen uses; flat beyond +-7.9, where tanh is 1 in float.
[[gnu::always_inline]] inline float Tanh(float value) {
  constexpr float kFlat = 7.90531110763549805F;
  float x = value < -kFlat ? -kFlat : value;
  x = x > kFlat ? kFlat : x;
  const float x2 = x * x;
  float p = -2.76076847742355e-16F;
  p = p * x2 + 2.00018790482477e-13F;
  p = p * x2 + -8.60467152213735e-11F;
  p = p * x2 + 5.12229709037114e-08F;
  p = p * x2 + 1.48572235717979e-05F;
  p = p * x2 + 6.37261928875436e-04F;
  p = p * x2 + 4.89352455891786e-03F;
  float q = 1.19825839466702e-06F;
  q = q * x2 + 1.18534705686654e-04F;
  q = q * x2 + 2.26843463243900e-03F;
  q = q * x2 + 4.89352518554385e-03F;
  return x * p / q;
}

[[gnu::always_inline]] inline float Sigmoid(float x) { return 0.5F * Tanh(0.5F * x) + 0.5F; }

GRAYLING_VECTOR_LOOP
void AddColumns(size_t rows, size_t columns, const float* __restrict matrix,
                const float* __restrict x, float* __restrict y) {
  size_t k = 0;
  for (; k + 4 <= columns; k += 4) {
    const float* __restrict a = matrix + k * rows;
    const float* __restrict b = a + rows;
    const float* __restrict c = b + rows;
    const float* __restrict d = c + rows;
    for (size_t r = 0; r < rows; ++r) {
      y[r] += (a[r] * x[k] + b[r] * x[k + 1]) + (c[r] * x[k + 2] + d[r] * x[k + 3]);
    }
  }
  for (; k < columns; ++k) {
    const float* __restrict a = matrix + k * rows;
    for (size_t r = 0; r < rows; ++r) y[r] += a[r] * x[k];
  }
}

GRAYLING_VECTOR_LOOP
void LstmForwardLoop(size_t units, float* __restrict i, float* __restrict f, float* __restrict g,
                     float* __restrict o, const float* cell_before, float* cell,
                     float* __restrict tanh_cell, float* __restrict hidden) {
#pragma GCC ivdep
  for (size_t u = 0; u < units; ++u) {
    i[u] = Sigmoid(i[u]);
    f[u] = Sigmoid(f[u]);
    g[u] = Tanh(g[u]);
    o[u] = Sigmoid(o[u]);
    const float c = f[u] * cell_before[u] + i[u] * g[u];
    cell[u] = c;
    tanh_cell[u] = Tanh(c);
    hidden[u] = o[u] * tanh_cell[u];
  }
}

GRAYLING_VECTOR_LOOP
void LstmBackwardLoop(size_t units, const float* __restrict gates,
                      const float* __restrict cell_before, const float* __restrict tanh_cell,
                      const float* __restrict hidden_gradient, float* __restrict cell_gradient,
                      float* __restrict di, float* __restrict df, float* __restrict dg,
                      float* __restrict d_o) {
  for (size_t u = 0; u < units; ++u) {
    const float i = gates[u];
    const float f = gates[units + u];
    const float g = gates[2 * units + u];
    const float o = gates[3 * units + u];
    const float t = tanh_cell[u];
    const float dh = hidden_gradient[u];
    const float dc = cell_gradient[u] + dh * o * (1 - t * t);
    di[u] = dc * g * i * (1 - i);
    df[u] = dc * cell_before[u] * f * (1 - f);
    dg[u] = dc * i * (1 - g * g);
    d_o[u] = dh * t * o * (1 - o);
    cell_gradient[u] = dc * f;
  }
}

GRAYLING_VECTOR_LOOP
void GruForwardLoop(size_t units, const float* __restrict from_input,
                    const float* __restrict from_hidden, float* __restrict hidden) {
  for (size_t u = 0; u < units; ++u) {
    const float r = Sigmoid(from_input[u] + from_hidden[u]);
    const float z = Sigmoid(from_input[units + u] + from_hidden[units + u]);
    const float n = Tanh(from_input[2 * units + u] + r * from_hidden[2 * units + u]);
    hidden[u] = (1 - z) * n + z * hidden[u];
  }
}

// Products of tiles that stay in registers.
typedef float Lanes4 __attribute__((vector_size(16)));
typedef float Lanes8 __attribute__((vector_size(32)));
typedef float Lanes16 __attribute__((vector_size(64)));

template <typename Lanes, int kRows, int kWide>
[[gnu::always_inline]] inline void Tile(size_t depth, const float* a, size_t a_row, size_t a_step,
                                        const float* b, size_t b_row, float* c, size_t c_row) {
  constexpr size_t kLanes = sizeof(Lanes) / sizeof(float);
  Lanes sums[kRows][kWide];
  for (int r = 0; r < kRows; ++r) {
    for (int w = 0; w < kWide; ++w) {
      std::memcpy(&sums[r][w], c + r * c_row + w * kLanes, sizeof(Lanes));
    }
  }
  for (size_t k = 0; k < depth; ++k, a += a_step, b += b_row) {
    Lanes right[kWide];
    std::memcpy(right, b, sizeof(right));
    for (int r = 0; r < kRows; ++r) {
      const float left = a[r * a_row];
      for (int w = 0; w < kWide; ++w) sums[r][w] += left * right[w];
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int w = 0; w < kWide; ++w) {
      std::memcpy(c + r * c_row + w * kLanes, &sums[r][w], sizeof(Lanes));
    }
  }
}

// All rows of as many columns as whole tiles hold, from `column` on; returns the next column.
template <typename Lanes, int kRows, int kWide>
[[gnu::always_inline]] inline size_t Strips(size_t column, size_t rows, size_t depth,
                                            size_t columns, const Block& a, const Block& b,
                                            float* c, size_t c_row) {
  constexpr size_t kColumns = kWide * sizeof(Lanes) / sizeof(float);
  for (; column + kColumns <= columns; column += kColumns) {
    size_t r = 0;
    for (; r + kRows <= rows; r += kRows) {
      Tile<Lanes, kRows, kWide>(depth, a.data + r * a.row, a.row, a.step, b.data + column, b.row,
                                c + r * c_row + column, c_row);
    }
    for (; r < rows; ++r) {
      Tile<Lanes, 1, kWide>(depth, a.data + r * a.row, a.row, a.step, b.data + column, b.row,
                            c + r * c_row + column, c_row);
    }
  }
  return column;
}

[[gnu::always_inline]] inline void LastColumns(size_t column, size_t rows, size_t depth,
                                               size_t columns, const Block& a, const Block& b,
                                               float* c, size_t c_row) {
  column = Strips<Lanes4, 4, 1>(column, rows, depth, columns, a, b, c, c_row);
  for (; column < columns; ++column) {
    for (size_t r = 0; r < rows; ++r) {
      float sum = c[r * c_row + column];
      for (size_t k = 0; k < depth; ++k) {
        sum += a.data[r * a.row + k * a.step] * b.data[k * b.row + column];
      }
      c[r * c_row + column] = sum;
    }
  }
}

#ifdef GRAYLING_CHOOSES_AT_RUN_TIME
__attribute__((target("arch=x86-64-v4"))) void Multiply(size_t rows, size_t depth, size_t columns,
                                                        const Block& a, const Block& b, float* c,
                                                        size_t c_row) {
  size_t column = Strips<Lanes16, 8, 2>(0, rows, depth, columns, a, b, c, c_row);
  column = Strips<Lanes16, 8, 1>(column, rows, depth, columns, a, b, c, c_row);
  column = Strips<Lanes8, 8, 1>(column, rows, depth, columns, a, b, c, c_row);
  LastColumns(column, rows, depth, columns, a, b, c, c_row);
}

__attribute__((target("arch=x86-64-v3"))) void Multiply(size_t rows, size_t depth, size_t columns,
                                                        const Block& a, const Block& b, float* c,
                                                        size_t c_row) {
  size_t column = Strips<Lanes8, 4, 2>(0, rows, depth, columns, a, b, c, c_row);
  column = Strips<Lanes8, 4, 1>(column, rows, depth, columns, a, b, c, c_row);
  LastColumns(column, rows, depth, columns, a, b, c, c_row);
}

__attribute__((target("default")))
#endif
void Multiply(size_t rows, size_t depth, size_t columns, const Block& a, const Block& b, float* c,
              size_t c_row) {
  const size_t column = Strips<Lanes4, 4, 2>(0, rows, depth, columns, a, b, c, c_row);
  LastColumns(column, rows, depth, columns, a, b, c, c_row);
}

}  // namespace

void MultiplyAdd(size_t rows, size_t depth, size_t columns, const Block& a, const Block& b,
                 float* c, size_t c_row) {
  Multiply(rows, depth, columns, a, b, c, c_row);
}

void AddProduct(const Eigen::MatrixXf& matrix, const float* x, float* y) {
  AddColumns(static_cast<size_t>(matrix.rows()), static_cast<size_t>(matrix.cols()), matrix.data(),
             x, y);
}

void LstmForward(size_t units, float* gates, const float* cell_before, float* cell,
                 float* tanh_cell, float* hidden) {
  LstmForwardLoop(units, gates, gates + units, gates + 2 * units, gates + 3 * units, cell_before,
                  cell, tanh_cell, hidden);
}

void LstmBackward(size_t units, const float* gates, const float* cell_before,
                  const float* tanh_cell, const float* hidden_gradient, float* cell_gradient,
                  float* gate_gradients) {
  LstmBackwardLoop(units, gates, cell_before, tanh_cell, hidden_gradient, cell_gradient,
                   gate_gradients, gate_gradients + units, gate_gradients + 2 * units,
                   gate_gradients + 3 * units);
}

void GruForward(size_t units, const float* from_input, const float* from_hidden, float* hidden) {
  GruForwardLoop(units, from_input, from_hidden, hidden);
}

}  // namespace grayling
