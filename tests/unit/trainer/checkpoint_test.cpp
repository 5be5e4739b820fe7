#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "ml/trainer/math_threads.h"
#include "ml/trainer/network.h"
#include "tests/unit/trainer/memory_task.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Checkpoint : public ::testing::Test {
 protected:
  void SetUp() override {
    UseOneMathThread();
    char folder[] = "/tmp/grayling-checkpoint-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    control_.checkpoint = folder_ + "/training.ckpt";
    settings_ = QuickSettings();
    settings_.epochs = 6;
    settings_.input_noise = settings_.hidden_dropout = settings_.input_dropout = 0.2;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  TrainingControl control_;
  NetworkSettings settings_;
  std::atomic<bool> stop_{false};
};

void ExpectEqual(const NetworkWeights& a, const NetworkWeights& b) {
  EXPECT_EQ(a.layers[0].input, b.layers[0].input);
  EXPECT_EQ(a.layers[0].recurrent, b.layers[0].recurrent);
  EXPECT_EQ(a.layers[0].bias, b.layers[0].bias);
  EXPECT_EQ(a.head_weights, b.head_weights);
  EXPECT_EQ(a.head_bias, b.head_bias);
}

TEST_F(Checkpoint, LetsAnInterruptedTrainingEndBitForBitAsIfItHadNotBeen) {
  const auto sequences = MemoryTask(1);
  const auto whole = TrainNetwork(sequences, settings_, nullptr);
  control_.stop = &stop_;
  std::vector<int> epochs;
  const auto count = [&](int epoch, double, const NetworkWeights&) {
    epochs.push_back(epoch);
    if (epoch == 3) stop_ = true;
  };
  ASSERT_TRUE(TrainNetwork(sequences, settings_, count, control_).ok());
  stop_ = false;
  const auto resumed = TrainNetwork(sequences, settings_, count, control_);
  ASSERT_TRUE(whole.ok() && resumed.ok()) << resumed.status();
  EXPECT_THAT(epochs, ElementsAre(1, 2, 3, 4, 5, 6));
  ExpectEqual(*whole, *resumed);
}

TEST_F(Checkpoint, RemembersTheBestWeightsOfEarlyStopping) {
  const auto sequences = MemoryTask(1);
  std::vector<double> qualities = {0.1, 0.9, 0.3, 0.2, 0.2, 0.2};
  size_t asked = 0;
  control_.validate = [&](const NetworkWeights&) { return qualities[asked++]; };
  NetworkWeights second;
  const auto keep = [&](int epoch, double, const NetworkWeights& weights) {
    if (epoch == 2) second = weights;
    if (epoch == 3) stop_ = true;
  };
  control_.stop = &stop_;
  ASSERT_TRUE(TrainNetwork(sequences, settings_, keep, control_).ok());
  stop_ = false;
  const auto resumed = TrainNetwork(sequences, settings_, nullptr, control_);
  ASSERT_TRUE(resumed.ok()) << resumed.status();
  ExpectEqual(*resumed, second);
}

TEST_F(Checkpoint, OfOtherDataOrSettingsIsRefused) {
  settings_.epochs = 1;
  ASSERT_TRUE(TrainNetwork(MemoryTask(1), settings_, nullptr, control_).ok());
  const auto other_data = TrainNetwork(MemoryTask(2), settings_, nullptr, control_);
  EXPECT_EQ(other_data.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(other_data.status().message()), HasSubstr("other data or settings"));
  settings_.learning_rate *= 2;
  const auto other_settings = TrainNetwork(MemoryTask(1), settings_, nullptr, control_);
  EXPECT_EQ(other_settings.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(Checkpoint, CutShortIsRefusedWithTheReason) {
  settings_.epochs = 1;
  ASSERT_TRUE(TrainNetwork(MemoryTask(1), settings_, nullptr, control_).ok());
  std::filesystem::resize_file(control_.checkpoint,
                               std::filesystem::file_size(control_.checkpoint) / 2);
  const auto result = TrainNetwork(MemoryTask(1), settings_, nullptr, control_);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("cut short"));
}

TEST_F(Checkpoint, ThatCannotBeWrittenEndsTheTraining) {
  control_.checkpoint = folder_ + "/absent/training.ckpt";
  EXPECT_EQ(TrainNetwork(MemoryTask(1), settings_, nullptr, control_).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(Checkpoint, IsNotNeededToStop) {
  control_.checkpoint.clear();
  control_.stop = &stop_;
  int epochs = 0;
  NetworkWeights last;
  const auto weights = TrainNetwork(
      MemoryTask(1), settings_,
      [&](int, double, const NetworkWeights& seen) {
        last = seen;
        stop_ = ++epochs == 2;
      },
      control_);
  ASSERT_TRUE(weights.ok());
  EXPECT_EQ(epochs, 2);
  ExpectEqual(*weights, last);
}

TEST_F(Checkpoint, EarlyStoppingEndsAfterItsPatienceAndKeepsTheBest) {
  control_.checkpoint.clear();
  control_.patience = 2;
  settings_.epochs = 30;
  int epochs = 0;
  control_.validate = [&](const NetworkWeights&) { return -std::abs(++epochs - 4.0); };
  NetworkWeights fourth;
  const auto weights = TrainNetwork(
      MemoryTask(1), settings_,
      [&](int epoch, double, const NetworkWeights& seen) {
        if (epoch == 4) fourth = seen;
      },
      control_);
  ASSERT_TRUE(weights.ok());
  EXPECT_EQ(epochs, 6);
  ExpectEqual(*weights, fourth);
}

}  // namespace
}  // namespace grayling
