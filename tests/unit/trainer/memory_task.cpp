#include "tests/unit/trainer/memory_task.h"

#include <random>

#include "tests/unit/ml/random_network.h"

namespace grayling {

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

NetworkSettings QuickSettings() {
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

}  // namespace grayling
