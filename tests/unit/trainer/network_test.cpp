#include "ml/trainer/network.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <random>

#include "ml/core/lstm_cell.h"
#include "ml/trainer/math_threads.h"

namespace grayling {
namespace {

Matrix RandomMatrix(std::mt19937& random, Eigen::Index rows, Eigen::Index columns, float spread) {
  std::normal_distribution<float> normal(0, spread);
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = normal(random);
  return matrix;
}

// The target is whether the first input was above 0 three rows ago: needs memory.
std::vector<TrainingSequence> MemoryTask(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<TrainingSequence> sequences;
  for (int i = 0; i < 4; ++i) {
    TrainingSequence sequence;
    sequence.inputs = RandomMatrix(random, 120, 2, 1);
    for (Eigen::Index r = 0; r < 120; ++r) {
      sequence.targets.push_back(r >= 3 && sequence.inputs(r - 3, 0) > 0 ? 1.0F : 0.0F);
      sequence.weights.push_back(r >= 3 ? 1.0F : 0.0F);
    }
    sequences.push_back(std::move(sequence));
  }
  return sequences;
}

NetworkSettings Quick() {
  NetworkSettings settings;
  settings.hidden = 12;
  settings.epochs = 40;
  settings.crop_rows = 40;
  settings.burn_in_rows = 4;
  settings.learning_rate = 1e-2;
  settings.input_noise = 0;
  settings.input_dropout = 0;
  settings.hidden_dropout = 0;
  return settings;
}

TEST(MathThreads, AreOneEach) {
  const MathThreads threads = UseOneMathThread();
  EXPECT_EQ(threads.torch, 1);
  EXPECT_LE(threads.openblas, 1);
  EXPECT_EQ(Describe({1, 1}), "1 torch thread, 1 OpenBLAS thread");
  EXPECT_EQ(Describe({2, 0}), "2 torch threads, no OpenBLAS");
}

TEST(EigenCell, EqualsLibtorchWithinOneHundredThousandth) {
  UseOneMathThread();
  rc::check("for any shape", [] {
    std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
    const int features = *rc::gen::inRange(1, 40);
    const int hidden = *rc::gen::inRange(1, 70);
    const int rows = *rc::gen::inRange(1, 40);
    const auto spread = 1 / std::sqrt(static_cast<float>(hidden));
    NetworkWeights weights;
    weights.lstm.input = RandomMatrix(random, 4 * hidden, features, spread);
    weights.lstm.recurrent = RandomMatrix(random, 4 * hidden, hidden, spread);
    weights.lstm.bias = RandomMatrix(random, 4 * hidden, 1, spread);
    weights.head_weights = RandomMatrix(random, hidden, 1, spread);
    weights.head_bias = 0.25F;
    const Matrix inputs = RandomMatrix(random, rows, features, 2);

    const auto expected = ReferenceLogits(weights, inputs);
    RC_ASSERT(expected.ok());
    LstmCell cell(weights.lstm);
    Eigen::VectorXf h = Eigen::VectorXf::Zero(hidden);
    Eigen::VectorXf c = Eigen::VectorXf::Zero(hidden);
    for (Eigen::Index r = 0; r < rows; ++r) {
      cell.Step(inputs.row(r).transpose(), h, c);
      const float logit = weights.head_weights.dot(h) + weights.head_bias;
      RC_ASSERT(std::abs(logit - (*expected)[static_cast<size_t>(r)]) < 1e-5F);
    }
  });
}

TEST(Training, LearnsWhatNeedsMemory) {
  UseOneMathThread();
  double first = 0, last = 0;
  const auto weights =
      TrainNetwork(MemoryTask(1), Quick(), [&](int epoch, double loss, const NetworkWeights&) {
        if (epoch == 1) first = loss;
        last = loss;
      });
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_LT(last, 0.5 * first);
  const TrainingSequence unseen = MemoryTask(2).front();
  const auto logits = ReferenceLogits(*weights, unseen.inputs);
  ASSERT_TRUE(logits.ok());
  int right = 0;
  for (size_t r = 3; r < logits->size(); ++r) {
    right += ((*logits)[r] > 0) == (unseen.targets[r] > 0.5F) ? 1 : 0;
  }
  EXPECT_GT(right, 117 * 85 / 100);
}

TEST(Training, GivesTheSameWeightsForTheSameSeedOnly) {
  UseOneMathThread();
  NetworkSettings settings = Quick();
  settings.epochs = 2;
  settings.input_dropout = settings.hidden_dropout = settings.input_noise = 0.2;
  const auto sequences = MemoryTask(1);
  const auto once = TrainNetwork(sequences, settings, nullptr);
  const auto again = TrainNetwork(sequences, settings, nullptr);
  settings.seed = 2;
  const auto other = TrainNetwork(sequences, settings, nullptr);
  ASSERT_TRUE(once.ok() && again.ok() && other.ok());
  EXPECT_EQ(once->lstm.input, again->lstm.input);
  EXPECT_EQ(once->head_weights, again->head_weights);
  EXPECT_NE(once->lstm.input, other->lstm.input);
}

TEST(Training, NeverLooksAtRowsOfWeightZero) {
  UseOneMathThread();
  NetworkSettings settings = Quick();
  settings.epochs = 2;
  auto sequences = MemoryTask(1);
  for (auto& sequence : sequences) std::fill_n(sequence.weights.begin() + 50, 20, 0.0F);
  const auto before = TrainNetwork(sequences, settings, nullptr);
  for (auto& sequence : sequences) {
    for (size_t r = 50; r < 70; ++r) sequence.targets[r] = 1 - sequence.targets[r];
  }
  const auto after = TrainNetwork(sequences, settings, nullptr);
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ(before->lstm.input, after->lstm.input);
}

TEST(Training, RefusesRowsOfOneClass) {
  auto sequences = MemoryTask(1);
  for (auto& sequence : sequences)
    std::fill(sequence.targets.begin(), sequence.targets.end(), 0.0F);
  EXPECT_EQ(TrainNetwork(sequences, Quick(), nullptr).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling
