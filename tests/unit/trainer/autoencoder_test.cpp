#include "ml/trainer/autoencoder.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "ml/trainer/math_threads.h"

namespace grayling {
namespace {

// Two features that swing together; between `from` and `to` the second stands still at 2.
TrainingSequence Swing(int rows, int from, int to) {
  TrainingSequence sequence;
  sequence.inputs.resize(rows, 2);
  for (int r = 0; r < rows; ++r) {
    const bool faulty = r >= from && r < to;
    const float wave = std::sin(0.4F * static_cast<float>(r));
    sequence.inputs.row(r) << wave, faulty ? 2.0F : wave;
    sequence.targets.push_back(faulty ? 1.0F : 0.0F);
    sequence.weights.push_back(1);
  }
  return sequence;
}

double Mean(const std::vector<float>& values, size_t from, size_t to) {
  return std::accumulate(values.begin() + static_cast<long>(from),
                         values.begin() + static_cast<long>(to), 0.0) /
         static_cast<double>(to - from);
}

TEST(Autoencoder, FindsStrangeWhatHealthyWindowsNeverDo) {
  UseOneMathThread();
  const std::vector<TrainingSequence> sequences = {Swing(400, 0, 0)};
  const auto autoencoder = Autoencoder::Train(sequences, {.hidden = 8, .window = 8, .epochs = 80});
  ASSERT_TRUE(autoencoder.ok()) << autoencoder.status();
  const auto scores = (*autoencoder)->Score(Swing(200, 100, 150).inputs);
  ASSERT_TRUE(scores.ok()) << scores.status();
  ASSERT_EQ(scores->size(), 200U);
  EXPECT_GT(Mean(*scores, 100, 150), 5 * Mean(*scores, 20, 100));
  EXPECT_EQ((*autoencoder)->parameters(), 4 * 8 * (2 + 8 + 1) + 4 * 8 * (8 + 8 + 1) + 2 * 8 + 2);
}

TEST(Autoencoder, NeverLearnsFromFaultyWindowsAndNeverLooksAhead) {
  UseOneMathThread();
  const AutoencoderSettings settings{.hidden = 4, .window = 6, .epochs = 2};
  std::vector<TrainingSequence> sequences = {Swing(100, 40, 60)};
  const auto before = Autoencoder::Train(sequences, settings);
  sequences[0].inputs.middleRows(40, 20).setConstant(7);
  const auto after = Autoencoder::Train(sequences, settings);
  ASSERT_TRUE(before.ok() && after.ok());
  Matrix inputs = Swing(50, 0, 0).inputs;
  const auto scores = (*before)->Score(inputs);
  EXPECT_EQ(*scores, *(*after)->Score(inputs));
  inputs.bottomRows(20).setConstant(3);
  const auto disturbed = (*before)->Score(inputs);
  for (size_t r = 0; r < 30; ++r) EXPECT_FLOAT_EQ((*scores)[r], (*disturbed)[r]);
}

TEST(Autoencoder, RefusesDataWithoutAHealthyWindow) {
  const std::vector<TrainingSequence> sequences = {Swing(30, 5, 30)};
  EXPECT_EQ(Autoencoder::Train(sequences, {.window = 8}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling
