#include "ml/trainer/network.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <random>
#include <thread>

#include "ml/core/network_stepper.h"
#include "ml/trainer/math_threads.h"
#include "tests/unit/ml/random_network.h"
#include "tests/unit/trainer/memory_task.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

constexpr Architecture kAll[] = {Architecture::kLstm, Architecture::kGru,
                                 Architecture::kConvolution, Architecture::kLogistic};

int RightOf117(const NetworkWeights& weights) {
  const TrainingSequence unseen = MemoryTask(2).front();
  const auto logits = ReferenceLogits(weights, unseen.inputs);
  int right = 0;
  for (size_t r = 3; logits.ok() && r < logits->size(); ++r) {
    right += ((*logits)[r] > 0) == (unseen.targets[r] > 0.5F) ? 1 : 0;
  }
  return right;
}

TEST(MathThreads, AreOneEach) {
  const MathThreads threads = UseOneMathThread();
  EXPECT_EQ(threads.torch, 1);
  EXPECT_LE(threads.openblas, 1);
  EXPECT_EQ(Describe({1, 1}), "1 torch thread, 1 OpenBLAS thread");
  EXPECT_EQ(Describe({2, 0}), "2 torch threads, no OpenBLAS");
}

TEST(NetworkStepper, EqualsLibtorchWithinOneHundredThousandth) {
  UseOneMathThread();
  EXPECT_TRUE(rc::check("for any architecture and shape", [] {
    std::mt19937 random(*rc::gen::arbitrary<uint32_t>());
    const int features = *rc::gen::inRange(1, 40);
    const NetworkWeights weights = RandomNetwork(
        random, *rc::gen::elementOf(std::vector(std::begin(kAll), std::end(kAll))), features,
        *rc::gen::inRange(1, 70), *rc::gen::inRange(1, 4), *rc::gen::inRange(1, 5));
    const Matrix inputs = RandomMatrix(random, *rc::gen::inRange(1, 40), features, 2);
    const auto expected = ReferenceLogits(weights, inputs);
    RC_ASSERT(expected.ok());
    const auto stepper = NetworkStepper::Create(weights, features, 1);
    RC_ASSERT(stepper.ok());
    for (Eigen::Index r = 0; r < inputs.rows(); ++r) {
      const float logit =
          (*stepper)->Step(0, {inputs.row(r).data(), static_cast<size_t>(features)});
      RC_ASSERT(std::abs(logit - (*expected)[static_cast<size_t>(r)]) < 1e-5F);
    }
  }));
}

TEST(Training, LearnsWhatNeedsMemoryWithEveryNetworkThatHasOne) {
  UseOneMathThread();
  for (const Architecture architecture :
       {Architecture::kLstm, Architecture::kGru, Architecture::kConvolution}) {
    NetworkSettings settings = QuickSettings();
    settings.architecture = architecture;
    settings.layers = architecture == Architecture::kConvolution ? 2 : 1;
    double first = 0, last = 0;
    const auto weights =
        TrainNetwork(MemoryTask(1), settings, [&](int epoch, double loss, const NetworkWeights&) {
          if (epoch == 1) first = loss;
          last = loss;
        });
    ASSERT_TRUE(weights.ok()) << weights.status();
    EXPECT_LT(last, 0.5 * first) << ArchitectureName(architecture);
    EXPECT_GT(RightOf117(*weights), 117 * 85 / 100) << ArchitectureName(architecture);
  }
}

TEST(Training, CannotRememberWithoutAHiddenLayer) {
  UseOneMathThread();
  NetworkSettings settings = QuickSettings();
  settings.architecture = Architecture::kLogistic;
  const auto weights = TrainNetwork(MemoryTask(1), settings, nullptr);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_TRUE(weights->layers.empty());
  EXPECT_LT(RightOf117(*weights), 117 * 75 / 100);
}

TEST(Training, LearnsUnderEveryLoss) {
  UseOneMathThread();
  for (const Loss loss :
       {Loss::kCrossEntropy, Loss::kFocal, Loss::kSoftF, Loss::kTversky, Loss::kMixed}) {
    NetworkSettings settings = QuickSettings();
    settings.loss.kind = loss;
    settings.loss.warm_up_epochs = 20;
    const auto weights = TrainNetwork(MemoryTask(1), settings, nullptr);
    ASSERT_TRUE(weights.ok()) << weights.status();
    EXPECT_GT(RightOf117(*weights), 117 * 80 / 100) << LossName(loss);
  }
}

TEST(Training, HasTheLossCurveOfLibtorchsOwnLayers) {
  UseOneMathThread();
  for (const int layers : {1, 2}) {
    NetworkSettings settings = QuickSettings();
    settings.layers = layers;
    settings.epochs = 5;
    settings.hidden_dropout = settings.input_noise = settings.input_dropout = 0.1;
    std::vector<double> fused, stock;
    for (auto* curve : {&fused, &stock}) {
      settings.fused = curve == &fused;
      ASSERT_TRUE(
          TrainNetwork(MemoryTask(1), settings, [&](int, double loss, const NetworkWeights&) {
            curve->push_back(loss);
          }).ok());
    }
    for (size_t e = 0; e < fused.size(); ++e) EXPECT_NEAR(fused[e], stock[e], 1e-4);
  }
}

TEST(Training, GivesTheSameWeightsForTheSameSeedOnly) {
  UseOneMathThread();
  NetworkSettings settings = QuickSettings();
  settings.epochs = 2;
  settings.input_dropout = settings.hidden_dropout = settings.input_noise = 0.2;
  settings.input_scaling = 0.1;
  const auto sequences = MemoryTask(1);
  const auto once = TrainNetwork(sequences, settings, nullptr);
  const auto again = TrainNetwork(sequences, settings, nullptr);
  settings.seed = 2;
  const auto other = TrainNetwork(sequences, settings, nullptr);
  ASSERT_TRUE(once.ok() && again.ok() && other.ok());
  EXPECT_EQ(once->layers[0].input, again->layers[0].input);
  EXPECT_EQ(once->head_weights, again->head_weights);
  EXPECT_NE(once->layers[0].input, other->layers[0].input);
}

TEST(Training, IsNotDisturbedByAnotherInAnotherThread) {
  UseOneMathThread();
  NetworkSettings settings = QuickSettings();
  settings.epochs = 3;
  settings.hidden_dropout = settings.input_noise = 0.2;
  const auto sequences = MemoryTask(1);
  const auto alone = TrainNetwork(sequences, settings, nullptr);
  absl::StatusOr<NetworkWeights> beside;
  std::thread other([&] { beside = TrainNetwork(sequences, settings, nullptr); });
  const auto here = TrainNetwork(sequences, settings, nullptr);
  other.join();
  ASSERT_TRUE(alone.ok() && beside.ok() && here.ok());
  EXPECT_EQ(alone->layers[0].input, beside->layers[0].input);
  EXPECT_EQ(alone->layers[0].input, here->layers[0].input);
}

TEST(Training, NeverLooksAtRowsOfWeightZero) {
  UseOneMathThread();
  NetworkSettings settings = QuickSettings();
  settings.epochs = 2;
  auto sequences = MemoryTask(1);
  for (auto& sequence : sequences) std::fill_n(sequence.weights.begin() + 50, 20, 0.0F);
  const auto before = TrainNetwork(sequences, settings, nullptr);
  for (auto& sequence : sequences) {
    for (size_t r = 50; r < 70; ++r) sequence.targets[r] = 1 - sequence.targets[r];
  }
  const auto after = TrainNetwork(sequences, settings, nullptr);
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ(before->layers[0].input, after->layers[0].input);
}

TEST(Training, RefusesRowsOfOneClass) {
  auto sequences = MemoryTask(1);
  for (auto& sequence : sequences)
    std::fill(sequence.targets.begin(), sequence.targets.end(), 0.0F);
  EXPECT_EQ(TrainNetwork(sequences, QuickSettings(), nullptr).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(Training, RefusesADeviceThatIsNotThere) {
  NetworkSettings settings = QuickSettings();
  settings.device = "abacus";
  EXPECT_THAT(std::string(TrainNetwork(MemoryTask(1), settings, nullptr).status().message()),
              HasSubstr("choose cpu or cuda"));
}

}  // namespace
}  // namespace grayling
