#include "probe/fault/network_recipe.h"

#include <gtest/gtest.h>

#include "probe/kernel/netem_distribution.h"

namespace grayling::probe {
namespace {

FaultOrder Order(const std::string& kind, FaultParameters parameters, FaultOptions options = {}) {
  FaultOrder order;
  order.id = "f1";
  order.kind = "network." + kind;
  order.parameters = std::move(parameters);
  order.options = std::move(options);
  return order;
}

std::string At(const FaultOrder& order, double share) {
  return Describe(NetworkRecipe(order).SettingsAt(share));
}

double Value(const FaultOrder& order, const std::string& name, double share) {
  const NetworkRecipe recipe(order);
  return recipe.ValuesOf(recipe.SettingsAt(share), share).at(name);
}

TEST(NetworkRecipe, EachKindHasItsWords) {
  EXPECT_EQ(At(Order("delay", {{"delay_ms", 40}, {"jitter_ms", 10}}), 1),
            "netem delay 40ms jitter 10ms limit 4129");
  EXPECT_EQ(At(Order("loss", {{"percent", 5}}), 1), "netem loss 5% limit 1000");
  EXPECT_EQ(At(Order("corrupt", {{"percent", 5}}), 1), "netem corrupt 5% limit 1000");
  EXPECT_EQ(At(Order("duplicate", {{"percent", 5}}), 1), "netem duplicate 5% limit 1000");
  EXPECT_EQ(At(Order("partition", {}), 1), "netem loss 100% limit 1000");
  EXPECT_EQ(At(Order("rate", {{"kbit_per_s", 1000}}), 1), "netem rate 1000kbit/s limit 42");
  EXPECT_EQ(At(Order("reorder", {{"percent", 25}, {"delay_ms", 10}}), 1),
            "netem delay 10ms reorder 25% limit 1000");
  EXPECT_EQ(NetworkRecipe(Order("reorder", {{"percent", 25}})).SettingsAt(1).gap, 1u);
}

TEST(NetworkRecipe, AtShareZeroNothingIsHurtByAnyKind) {
  for (const FaultKind& kind : FaultKinds()) {
    if (kind.target != FaultTarget::kLink) continue;
    FaultOrder order;
    order.kind = kind.kind;
    FillDefaults(kind, order.parameters, order.options);
    NetemSettings settings = NetworkRecipe(order).SettingsAt(0);
    settings.limit = 0;
    settings.gap = 0;
    EXPECT_EQ(settings, NetemSettings()) << kind.kind;
    if (kind.Intensity() == nullptr) continue;
    EXPECT_DOUBLE_EQ(Value(order, kind.parameters.front().name, 0), kind.harmless) << kind.kind;
  }
}

TEST(NetworkRecipe, AShareIsThatPartOfTheIntensityAndIsReadBackUnderItsName) {
  EXPECT_DOUBLE_EQ(Value(Order("delay", {{"delay_ms", 40}}), "delay_ms", 0.25), 10);
  EXPECT_DOUBLE_EQ(Value(Order("loss", {{"percent", 8}}), "percent", 0.5), 4);
  EXPECT_NEAR(Value(Order("rate", {{"kbit_per_s", 100}}), "kbit_per_s", 0.5), 10000, 1);
  EXPECT_EQ(At(Order("partition", {}), 0.01), "netem loss 100% limit 1000");
}

TEST(NetworkRecipe, TheQueueOfADelayIsTheSameAtEveryShare) {
  const NetworkRecipe recipe(Order("delay", {{"delay_ms", 1000}, {"jitter_ms", 100}}));
  EXPECT_EQ(recipe.SettingsAt(0).limit, recipe.SettingsAt(1).limit);
  EXPECT_EQ(recipe.SettingsAt(1).limit, NetemLimit(1'100'000'000));
}

TEST(NetworkRecipe, ALongTailNeedsALongerQueue) {
  const FaultOrder order =
      Order("delay", {{"delay_ms", 1000}, {"jitter_ms", 100}}, {{"distribution", "pareto"}});
  EXPECT_NEAR(NetworkRecipe(order).SettingsAt(1).limit, NetemLimit(1'400'000'000), 10);
}

TEST(NetworkRecipe, ADistributionIsSentOnlyWhereThereIsJitter) {
  const FaultOptions normal{{"distribution", "normal"}};
  EXPECT_TRUE(NetworkRecipe(Order("delay", {{"delay_ms", 9}}, normal)).distribution().empty());
  EXPECT_EQ(
      NetworkRecipe(Order("delay", {{"delay_ms", 9}, {"jitter_ms", 2}}, normal)).distribution(),
      DistributionTable("normal"));
}

TEST(NetworkRecipe, ACorrelatedShareIsReadBackAsTheShareThatIsHit) {
  const FaultOrder order = Order("loss", {{"percent", 5}, {"correlation_percent", 75}});
  const NetemSettings settings = NetworkRecipe(order).SettingsAt(1);
  EXPECT_EQ(settings.loss_correlation, NetemShare(75));
  EXPECT_GT(settings.loss, NetemShare(25));  // what the kernel needs for it
  EXPECT_DOUBLE_EQ(Value(order, "percent", 1), 5);
}

}  // namespace
}  // namespace grayling::probe
