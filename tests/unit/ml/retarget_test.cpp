#include "ml/core/retarget.h"

#include <gmock/gmock.h>

#include <cmath>

#include "ml/core/features.h"
#include "ml/core/scale.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;

Model TwoServices() {
  Model model;
  model.services = {"a", "b"};
  model.input_columns = {"a/cpu", "b/cpu", "a>b/latency", "load"};
  model.scales = {{1, 0.5F}, {1.2F, 0.7F}, {10, 2}, {100, 20}};
  model.features = {"robust_z(cpu)", "fast(edge:latency)", "value(context:load)"};
  return model;
}

TEST(Retargeting, LeavesAModelForItsOwnColumnsAsItIs) {
  const Model model = TwoServices();
  const Model again = Retarget(model, {"a/cpu", "b/cpu", "a>b/latency", "load"});
  EXPECT_EQ(again.services, model.services);
  EXPECT_EQ(again.input_columns, model.input_columns);
  EXPECT_EQ(again.scales.size(), model.scales.size());
}

TEST(Retargeting, GivesANewServiceAStreamWithTheScalesOfItsSignals) {
  const Model model = Retarget(TwoServices(), {"a/cpu", "c/cpu", "c/unheard_of", "a>c/latency"});
  EXPECT_THAT(model.services, ElementsAre("a", "b", "c"));
  EXPECT_THAT(model.input_columns,
              ElementsAre("a/cpu", "b/cpu", "a>b/latency", "load", "c/cpu", "a>c/latency"));
  EXPECT_FLOAT_EQ(model.scales[4].scale, 0.7F);
  EXPECT_FLOAT_EQ(model.scales[4].median, 1.2F) << "the known ones agree within a scale";
  EXPECT_FLOAT_EQ(model.scales[5].scale, 2);
  EXPECT_EQ(model.scales[5].median, kUnknownLocation) << "one donor alone proves nothing";
  EXPECT_TRUE(
      FeatureBank::Create(model.input_columns, model.scales, model.services, model.features).ok());
}

TEST(Retargeting, LeavesModelsWithoutServicesAlone) {
  Model model;
  model.input_columns = {"cpu"};
  model.scales = {{0, 1}};
  model.features = {"value(context:cpu)"};
  EXPECT_THAT(Retarget(model, {"cpu", "memory", "a/cpu"}).input_columns, ElementsAre("cpu"));
}

TEST(AnUnknownLocation, IsTheMedianOfTheFirstTenValuesAndUntilThenTheColumnIsMissing) {
  auto bank = FeatureBank::Create({"a/cpu"}, {{kUnknownLocation, 2}}, {"a"}, {"value(cpu)"});
  ASSERT_TRUE(bank.ok());
  for (int run = 0; run < 2; ++run) {
    bank->Reset();
    const float level = run == 0 ? 1000 : 50;
    for (int r = 0; r < 9; ++r) {
      bank->Step({level + static_cast<float>(r)});
      EXPECT_FALSE(bank->present(0));
      EXPECT_EQ(bank->output()(0, 0), 0);
    }
    bank->Step({level + 9});
    EXPECT_TRUE(bank->present(0));
    bank->Step({level + 4.5F + 2});
    EXPECT_NEAR(bank->output()(0, 0), 1, 0.01) << "one scale above the median of ten";
  }
}

}  // namespace
}  // namespace grayling
