#include "ml/trainer/fit_ensemble.h"

#include <gtest/gtest.h>

#include <memory>

#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "ml/core/network_stepper.h"
#include "tests/unit/ml/random_network.h"

namespace grayling {
namespace {

RC_GTEST_PROP(AverageOf, GivesTheMeanOfTheMembersLogitsRowByRow, ()) {
  const auto architecture = *rc::gen::element(Architecture::kLstm, Architecture::kGru,
                                              Architecture::kConvolution, Architecture::kLogistic);
  const int inputs = *rc::gen::inRange(1, 6);
  const int hidden = *rc::gen::inRange(1, 6);
  const int layers = *rc::gen::inRange(1, 4);
  const int taps = *rc::gen::inRange(1, 4);
  const int members = *rc::gen::inRange(1, 5);
  std::mt19937 random(*rc::gen::arbitrary<unsigned>());
  std::vector<NetworkWeights> networks;
  std::vector<std::unique_ptr<NetworkStepper>> steppers;
  for (int m = 0; m < members; ++m) {
    networks.push_back(RandomNetwork(random, architecture, inputs, hidden, layers, taps));
    steppers.push_back(*NetworkStepper::Create(networks.back(), inputs, 1));
  }
  const NetworkWeights average = AverageOf(networks);
  const auto together = NetworkStepper::Create(average, inputs, 1);
  RC_ASSERT(together.ok());
  std::normal_distribution<float> normal;
  std::vector<float> row(static_cast<size_t>(inputs));
  for (int r = 0; r < 12; ++r) {
    for (float& value : row) value = normal(random);
    float mean = 0;
    for (const auto& stepper : steppers) {
      mean += stepper->Step(0, row) / static_cast<float>(members);
    }
    RC_ASSERT(std::abs((*together)->Step(0, row) - mean) < 1e-4F);
  }
}

}  // namespace
}  // namespace grayling
