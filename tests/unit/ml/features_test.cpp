#include "ml/core/features.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "ml/core/scale.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
// Small against the limit of 8, so that the squash hardly shows.
constexpr float kUnit = 0.01F;

FeatureBank Bank(const std::vector<std::string>& columns, const std::vector<std::string>& services,
                 const std::vector<std::string>& features) {
  auto bank =
      FeatureBank::Create(columns, std::vector<ColumnScale>(columns.size()), services, features);
  EXPECT_TRUE(bank.ok()) << bank.status();
  return *std::move(bank);
}

TEST(FitScale, UsesTheMedianAndTheMedianAbsoluteDeviation) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const ColumnScale scale = FitScale(values, values);
  EXPECT_FLOAT_EQ(scale.median, 5);
  EXPECT_FLOAT_EQ(scale.scale, 1.4826F * 2);
}

TEST(FitScale, IsNotMovedByAFewWildValues) {
  std::vector<float> values;
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<float>(i % 10));
  const ColumnScale clean = FitScale(values, values);
  values[17] = 1e9F;
  EXPECT_FLOAT_EQ(FitScale(values, values).median, clean.median);
  EXPECT_FLOAT_EQ(FitScale(values, values).scale, clean.scale);
}

TEST(FitScale, KeepsTheUsualBurstsOfASparseCounterWithinFiveScales) {
  std::vector<float> counter(200, 0.0F);
  for (size_t i = 0; i < 20; ++i) counter[i * 10] = 3;
  const ColumnScale scale = FitScale(counter, counter);
  EXPECT_FLOAT_EQ(scale.median, 0);
  EXPECT_LE(3 / scale.scale, 5.0F);
  EXPECT_GE(3 / scale.scale, 1.0F);
}

TEST(FitScale, TakesTheSizeOfFaultsForAColumnThatIsConstantInHealth) {
  const std::vector<float> healthy(100, 0.0F);
  std::vector<float> all = healthy;
  all.push_back(800);
  EXPECT_FLOAT_EQ(FitScale(healthy, all).scale, 200);
}

TEST(FitScale, IsPositiveAndFiniteForAnyValues) {
  EXPECT_TRUE(rc::check([] {
    const auto values = *rc::gen::container<std::vector<float>>(rc::gen::arbitrary<float>());
    const ColumnScale scale = FitScale(values, values);
    RC_ASSERT(scale.scale > 0);
    RC_ASSERT(std::isfinite(scale.scale));
    RC_ASSERT(std::isfinite(scale.median));
  }));
}

TEST(Standardize, IsLinearNearTheMedianAndNeverLeavesTheLimit) {
  EXPECT_THAT(Standardize(10.5F, {10, 1}), FloatNear(0.5F, 1e-2F));
  EXPECT_LE(Standardize(1e30F, {10, 1}), kScaledLimit);
  EXPECT_GE(Standardize(-std::numeric_limits<float>::infinity(), {10, 1}), -kScaledLimit);
  EXPECT_TRUE(std::isnan(Standardize(kNan, {10, 1})));
}

TEST(Services, AreTheOwnersOfColumnsButNotCallersOrPlainMetrics) {
  EXPECT_THAT(
      ServicesOf({"b/cpu", "client>a/latency", "http{route=/api/x}", "a/cpu", "b/memory", "load"}),
      ElementsAre("b", "a"));
}

TEST(FeatureNames, SurviveARoundTrip) {
  const auto feature = ParseFeature("shift(edge:http_seconds{route=/api(x)})");
  ASSERT_TRUE(feature.ok());
  EXPECT_EQ(feature->kind, FeatureKind::kShift);
  EXPECT_EQ(feature->signal, "edge:http_seconds{route=/api(x)}");
  EXPECT_EQ(FeatureName(*feature), "shift(edge:http_seconds{route=/api(x)})");
}

TEST(FeatureNames, OfUnknownKindsAreRefused) {
  EXPECT_THAT(std::string(ParseFeature("median(cpu)").status().message()),
              HasSubstr("\"median(cpu)\""));
}

TEST(Candidates, OfferPeersOnlyAmongThreeOrMoreServices) {
  const std::vector<std::string> columns = {"a/cpu", "b/cpu", "c/cpu"};
  EXPECT_THAT(CandidateFeatures(columns, ServicesOf(columns)), Contains("peer(cpu)"));
  const std::vector<std::string> two = {"a/cpu", "b/cpu"};
  EXPECT_THAT(CandidateFeatures(two, ServicesOf(two)), Not(Contains("peer(cpu)")));
}

TEST(ColumnsForFeatures, AreEnoughToComputeThem) {
  const std::vector<std::string> columns = {"a/latency", "a/cpu",       "b/latency",
                                            "b/cpu",     "a>b/latency", "load"};
  const std::vector<std::string> services = {"a", "b"};
  EXPECT_THAT(ColumnsFor({"fast(cpu)"}, columns, services), ElementsAre("a/cpu", "b/cpu"));
  EXPECT_THAT(ColumnsFor({"edge(edge:latency)", "value(context:load)"}, columns, services),
              ElementsAre("a/latency", "b/latency", "a>b/latency", "load"));
}

TEST(Features, OfEachStreamComeFromItsOwnColumns) {
  FeatureBank bank = Bank({"a/cpu", "b/cpu"}, {"a", "b"}, {"value(cpu)"});
  bank.Step({kUnit, 3 * kUnit});
  EXPECT_THAT(bank.output()(0, 0), FloatNear(kUnit, 1e-6F));
  EXPECT_THAT(bank.output()(1, 0), FloatNear(3 * kUnit, 1e-6F));
}

TEST(Features, OfAnEdgeBelongToTheCalleeAsTheMeanOverCallers) {
  FeatureBank bank =
      Bank({"a/cpu", "b/cpu", "a>b/errors", "c>b/errors"}, {"a", "b"}, {"value(edge:errors)"});
  bank.Step({0, 0, kUnit, 3 * kUnit});
  EXPECT_EQ(bank.output()(0, 0), 0);
  EXPECT_THAT(bank.output()(1, 0), FloatNear(2 * kUnit, 1e-6F));
}

TEST(Features, OfTheWholeSystemReachEveryStream) {
  FeatureBank bank = Bank({"a/cpu", "b/cpu", "load"}, {"a", "b"}, {"value(context:load)"});
  bank.Step({0, 0, kUnit});
  EXPECT_EQ(bank.output()(0, 0), bank.output()(1, 0));
  EXPECT_THAT(bank.output()(0, 0), FloatNear(kUnit, 1e-6F));
}

TEST(ShiftFeature, IsZeroAtAnySteadyLevelAndRisesWithAStep) {
  FeatureBank bank = Bank({"load"}, {}, {"shift(context:load)"});
  for (int i = 0; i < 5; ++i) {
    bank.Step({2.0F});
    EXPECT_EQ(bank.output()(0, 0), 0);
  }
  bank.Step({4.0F});
  EXPECT_GT(bank.output()(0, 0), 0.3F);
}

TEST(PeakFeature, KeepsABurstForFiveRows) {
  FeatureBank bank = Bank({"load"}, {}, {"peak(context:load)"});
  bank.Step({-kUnit});
  for (int i = 0; i < 4; ++i) {
    bank.Step({0});
    EXPECT_THAT(bank.output()(0, 0), FloatNear(-kUnit, 1e-6F));
  }
  bank.Step({0});
  EXPECT_EQ(bank.output()(0, 0), 0);
}

TEST(PeerFeature, RemovesWhatAllServicesShare) {
  FeatureBank bank =
      Bank({"a/cpu", "b/cpu", "c/cpu", "d/cpu"}, {"a", "b", "c", "d"}, {"peer(cpu)"});
  bank.Step({1, 1, 1, 1});
  for (int s = 0; s < 4; ++s) EXPECT_EQ(bank.output()(s, 0), 0);
  bank.Reset();
  bank.Step({kUnit, 2 * kUnit, 3 * kUnit, 9 * kUnit});
  EXPECT_THAT(bank.output()(3, 0), FloatNear(7 * kUnit, 1e-4F));   // peers 1 2 3
  EXPECT_THAT(bank.output()(0, 0), FloatNear(-2 * kUnit, 1e-4F));  // peers 2 3 9
}

TEST(PeerFeature, IgnoresPeersThatAreMissing) {
  FeatureBank bank = Bank({"a/cpu", "b/cpu", "c/cpu"}, {"a", "b", "c"}, {"peer(cpu)"});
  bank.Step({kUnit, 5 * kUnit, kNan});
  EXPECT_THAT(bank.output()(1, 0), FloatNear(4 * kUnit, 1e-4F));
  EXPECT_EQ(bank.output()(2, 0), 0);
}

TEST(EdgeFeature, IsWhatTheCallerSeesAndTheCalleeDoesNot) {
  FeatureBank bank =
      Bank({"a/latency", "b/latency", "a>b/latency"}, {"a", "b"}, {"edge(edge:latency)"});
  bank.Step({0, 2 * kUnit, 5 * kUnit});
  EXPECT_THAT(bank.output()(1, 0), FloatNear(3 * kUnit, 1e-4F));
  EXPECT_EQ(bank.output()(0, 0), 0);
}

TEST(MissingValues, CountAsTheMedian) {
  FeatureBank bank = Bank({"a/cpu", "b/cpu", "c/cpu"}, {"a", "b", "c"},
                          {"value(cpu)", "fast(cpu)", "shift(cpu)", "peak(cpu)", "peer(cpu)"});
  for (int i = 0; i < 20; ++i) {
    bank.Step({kNan, kNan, kNan});
    EXPECT_EQ(bank.output().cwiseAbs().maxCoeff(), 0);
    EXPECT_FALSE(bank.present(0));
  }
}

TEST(FeatureBank, RefusesAFeatureWithoutColumns) {
  const auto bank = FeatureBank::Create({"a/cpu"}, {{0, 1}}, {"a"}, {"fast(memory)"});
  EXPECT_EQ(bank.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(bank.status().message()), HasSubstr("\"memory\""));
}

TEST(FeatureBank, ForgetsEverythingOnReset) {
  EXPECT_TRUE(rc::check("after Reset the rows give what they gave to a fresh bank", [] {
    const auto before = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-50, 50));
    const auto after = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-50, 50));
    const std::vector<std::string> features = {"value(context:x)", "fast(context:x)",
                                               "shift(context:x)", "peak(context:x)"};
    FeatureBank used = Bank({"x"}, {}, features);
    FeatureBank fresh = Bank({"x"}, {}, features);
    for (const int value : before) used.Step({static_cast<float>(value)});
    used.Reset();
    for (const int value : after) {
      used.Step({static_cast<float>(value)});
      fresh.Step({static_cast<float>(value)});
      RC_ASSERT(used.output() == fresh.output());
    }
  }));
}

}  // namespace
}  // namespace grayling
