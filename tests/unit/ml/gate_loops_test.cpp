#include "ml/core/gate_loops.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <vector>

#include "tests/unit/ml/random_network.h"

namespace grayling {
namespace {

TEST(MultiplyAdd, IsTheProductOfAnyBlocksWithinLargerOnes) {
  EXPECT_TRUE(rc::check("for any shape, transposed or not", [] {
    std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
    const int rows = *rc::gen::inRange(1, 40);
    const int depth = *rc::gen::inRange(1, 40);
    const int columns = *rc::gen::inRange(1, 90);
    const bool transposed = *rc::gen::arbitrary<bool>();
    const int margin = *rc::gen::inRange(0, 3);
    const Matrix a = RandomMatrix(random, rows, depth + margin, 1);
    const Matrix a_transposed = a.transpose();
    const Matrix b = RandomMatrix(random, depth, columns + margin, 1);
    const Matrix before = RandomMatrix(random, rows, columns + margin, 1);
    Matrix c = before;
    const Block left = transposed ? Block{a_transposed.data(), 1, static_cast<size_t>(rows)}
                                  : Block{a.data(), static_cast<size_t>(a.cols())};
    MultiplyAdd(static_cast<size_t>(rows), static_cast<size_t>(depth), static_cast<size_t>(columns),
                left, {b.data(), static_cast<size_t>(b.cols())}, c.data(),
                static_cast<size_t>(c.cols()));
    Matrix expected = before;
    expected.leftCols(columns) += a.leftCols(depth) * b.leftCols(columns);
    RC_ASSERT((c - expected).cwiseAbs().maxCoeff() < 1e-4F);
    RC_ASSERT(c.rightCols(margin) == before.rightCols(margin));
  }));
}

TEST(AddProduct, IsAMatrixTimesAVector) {
  EXPECT_TRUE(rc::check("for any shape", [] {
    std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
    const Eigen::MatrixXf matrix =
        RandomMatrix(random, *rc::gen::inRange(1, 70), *rc::gen::inRange(1, 20), 1);
    const Eigen::VectorXf x = RandomMatrix(random, matrix.cols(), 1, 1);
    Eigen::VectorXf y = RandomMatrix(random, matrix.rows(), 1, 1);
    const Eigen::VectorXf expected = y + matrix * x;
    AddProduct(matrix, x.data(), y.data());
    RC_ASSERT((y - expected).cwiseAbs().maxCoeff() < 1e-4F);
  }));
}

TEST(LstmForward, KnowsTanhWithinAMillionth) {
  // Open output gate, closed forget gate, open input gate: the cell is tanh(g).
  for (float g = -12; g <= 12; g += 0.01F) {
    float gates[] = {50, -50, g, 50};
    float cell = 0, tanh_cell = 0, hidden = 0;
    LstmForward(1, gates, &cell, &cell, &tanh_cell, &hidden);
    EXPECT_NEAR(cell, std::tanh(g), 1e-6F);
    EXPECT_NEAR(hidden, std::tanh(std::tanh(g)), 1e-6F);
  }
}

}  // namespace
}  // namespace grayling
