#include "ml/core/network_stepper.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <atomic>
#include <cmath>

#include "tests/unit/ml/random_network.h"

// Sanitizers own the allocator; elsewhere every allocation of this program is counted.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GRAYLING_COUNTS_ALLOCATIONS 1
namespace {
std::atomic<long> allocations{0};
}
extern "C" void* __libc_malloc(size_t size);
extern "C" void* malloc(size_t size) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
#endif

namespace grayling {
namespace {

using ::testing::HasSubstr;
using Rows = std::vector<Eigen::VectorXd>;

constexpr Architecture kAll[] = {Architecture::kLstm, Architecture::kGru,
                                 Architecture::kConvolution, Architecture::kLogistic};

Eigen::ArrayXd Sigmoid(const Eigen::ArrayXd& x) { return 1 / (1 + (-x).exp()); }

// The equations of the headers, whole sequences at a time, in double precision.
Rows SlowLstm(const LayerWeights& layer, const Rows& inputs) {
  const Eigen::Index n = layer.recurrent.cols();
  Eigen::VectorXd h = Eigen::VectorXd::Zero(n);
  Eigen::ArrayXd c = Eigen::ArrayXd::Zero(n);
  Rows outputs;
  for (const Eigen::VectorXd& x : inputs) {
    const Eigen::ArrayXd sums = layer.input.cast<double>() * x +
                                layer.recurrent.cast<double>() * h + layer.bias.cast<double>();
    c = Sigmoid(sums.segment(n, n)) * c + Sigmoid(sums.head(n)) * sums.segment(2 * n, n).tanh();
    h = Sigmoid(sums.tail(n)) * c.tanh();
    outputs.push_back(h);
  }
  return outputs;
}

Rows SlowGru(const LayerWeights& layer, const Rows& inputs) {
  const Eigen::Index n = layer.recurrent.cols();
  Eigen::ArrayXd h = Eigen::ArrayXd::Zero(n);
  Rows outputs;
  for (const Eigen::VectorXd& x : inputs) {
    const Eigen::ArrayXd a = layer.input.cast<double>() * x + layer.bias.cast<double>();
    const Eigen::ArrayXd b =
        layer.recurrent.cast<double>() * h.matrix() + layer.recurrent_bias.cast<double>();
    const Eigen::ArrayXd r = Sigmoid(a.head(n) + b.head(n));
    const Eigen::ArrayXd z = Sigmoid(a.segment(n, n) + b.segment(n, n));
    h = (1 - z) * (a.tail(n) + r * b.tail(n)).tanh() + z * h;
    outputs.emplace_back(h.matrix());
  }
  return outputs;
}

Rows SlowConvolution(const LayerWeights& layer, int taps, int dilation, const Rows& inputs) {
  const Eigen::Index width = layer.input.cols() / taps;
  Rows outputs;
  for (int t = 0; t < static_cast<int>(inputs.size()); ++t) {
    Eigen::VectorXd sums = layer.bias.cast<double>();
    for (int k = 0; k < taps; ++k) {
      const int row = t - (taps - 1 - k) * dilation;
      if (row < 0) continue;
      sums += layer.input.middleCols(k * width, width).cast<double>() *
              inputs[static_cast<size_t>(row)];
    }
    outputs.emplace_back(sums.cwiseMax(0));
  }
  return outputs;
}

std::vector<double> SlowLogits(const NetworkWeights& weights, const Matrix& inputs) {
  Rows values;
  for (Eigen::Index r = 0; r < inputs.rows(); ++r) {
    values.emplace_back(inputs.row(r).transpose().cast<double>());
  }
  for (size_t l = 0; l < weights.layers.size(); ++l) {
    const LayerWeights& layer = weights.layers[l];
    if (weights.architecture == Architecture::kLstm) values = SlowLstm(layer, values);
    if (weights.architecture == Architecture::kGru) values = SlowGru(layer, values);
    if (weights.architecture == Architecture::kConvolution) {
      values = SlowConvolution(layer, weights.taps, 1 << l, values);
    }
  }
  std::vector<double> logits;
  for (const Eigen::VectorXd& row : values) {
    logits.push_back(weights.head_weights.cast<double>().dot(row) + weights.head_bias);
  }
  return logits;
}

absl::Span<const float> RowOf(const Matrix& matrix, Eigen::Index row) {
  return {matrix.row(row).data(), static_cast<size_t>(matrix.cols())};
}

TEST(NetworkStepper, FollowsTheEquationsOfEachArchitectureRowByRow) {
  EXPECT_TRUE(rc::check("for any shape", [] {
    std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
    const int inputs = *rc::gen::inRange(1, 30);
    const NetworkWeights weights = RandomNetwork(
        random, *rc::gen::elementOf(std::vector(std::begin(kAll), std::end(kAll))), inputs,
        *rc::gen::inRange(1, 50), *rc::gen::inRange(1, 4), *rc::gen::inRange(1, 5));
    const Matrix rows = RandomMatrix(random, *rc::gen::inRange(1, 40), inputs, 2);
    const auto stepper = NetworkStepper::Create(weights, inputs, 1);
    RC_ASSERT(stepper.ok());
    const std::vector<double> expected = SlowLogits(weights, rows);
    for (Eigen::Index r = 0; r < rows.rows(); ++r) {
      const double logit = (*stepper)->Step(0, RowOf(rows, r));
      RC_ASSERT(std::abs(logit - expected[static_cast<size_t>(r)]) < 1e-5);
    }
  }));
}

TEST(NetworkStepper, KeepsStreamsApartAndForgetsOnReset) {
  for (const Architecture architecture : kAll) {
    std::mt19937 random(7);
    const NetworkWeights weights = RandomNetwork(random, architecture, 3, 5, 2, 3);
    const Matrix rows = RandomMatrix(random, 20, 3, 1);
    const Matrix others = RandomMatrix(random, 20, 3, 1);
    const auto alone = *NetworkStepper::Create(weights, 3, 1);
    const auto shared = *NetworkStepper::Create(weights, 3, 2);
    for (Eigen::Index r = 0; r < 20; ++r) shared->Step(1, RowOf(rows, r));
    shared->Reset();
    for (Eigen::Index r = 0; r < 20; ++r) {
      shared->Step(0, RowOf(others, r));
      EXPECT_EQ(shared->Step(1, RowOf(rows, r)), alone->Step(0, RowOf(rows, r)))
          << ArchitectureName(architecture) << " row " << r;
    }
  }
}

#ifdef GRAYLING_COUNTS_ALLOCATIONS
TEST(NetworkStepper, StepsWithoutAllocating) {
  for (const Architecture architecture : kAll) {
    std::mt19937 random(3);
    const NetworkWeights weights = RandomNetwork(random, architecture, 24, 64, 2, 3);
    const auto stepper = *NetworkStepper::Create(weights, 24, 2);
    const Matrix row = RandomMatrix(random, 1, 24, 1);
    const long before = allocations.load();
    for (int i = 0; i < 50; ++i) stepper->Step(i % 2, RowOf(row, 0));
    EXPECT_EQ(allocations.load(), before) << ArchitectureName(architecture);
  }
}
#endif

TEST(NetworkStepper, SaturatesInsteadOfOverflowing) {
  std::mt19937 random(1);
  const NetworkWeights weights = RandomNetwork(random, Architecture::kLstm, 2, 4, 1, 1);
  const auto stepper = *NetworkStepper::Create(weights, 2, 1);
  const float huge[] = {3e38F, -3e38F};
  EXPECT_TRUE(std::isfinite(stepper->Step(0, huge)));
}

TEST(NetworkWeights, HaveNamesThatParseBack) {
  for (const Architecture architecture : kAll) {
    EXPECT_EQ(*ParseArchitecture(ArchitectureName(architecture)), architecture);
  }
  EXPECT_THAT(std::string(ParseArchitecture("transformer").status().message()),
              HasSubstr("choose lstm, gru, cnn or logistic"));
}

TEST(NetworkWeights, AreRefusedWhereTheirShapesDoNotFit) {
  std::mt19937 random(1);
  for (const Architecture architecture : kAll) {
    const NetworkWeights good = RandomNetwork(random, architecture, 3, 5, 2, 2);
    EXPECT_TRUE(CheckShapes(good, 3).ok()) << CheckShapes(good, 3);
    EXPECT_FALSE(CheckShapes(good, 4).ok());
    NetworkWeights headless = good;
    headless.head_weights.resize(2);
    EXPECT_THAT(std::string(CheckShapes(headless, 3).message()), HasSubstr("head has 2 weights"));
    EXPECT_FALSE(NetworkStepper::Create(headless, 3, 1).ok());
  }
  NetworkWeights broken = RandomNetwork(random, Architecture::kGru, 3, 5, 2, 1);
  broken.layers[1].recurrent_bias.resize(5);
  EXPECT_THAT(std::string(CheckShapes(broken, 3).message()), HasSubstr("layer 2 of the gru"));
  broken.layers.clear();
  EXPECT_THAT(std::string(CheckShapes(broken, 3).message()), HasSubstr("0 hidden layers"));
  const NetworkWeights good = RandomNetwork(random, Architecture::kLogistic, 3, 5, 1, 1);
  EXPECT_FALSE(NetworkStepper::Create(good, 3, 0).ok());
}

}  // namespace
}  // namespace grayling
