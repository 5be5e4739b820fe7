#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "ml/core/features.h"
#include "ml/core/observability.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::FloatNear;
using ::testing::Not;
using ::testing::SizeIs;

FeatureBank Bank(const std::vector<std::string>& columns, const std::vector<std::string>& services,
                 const std::vector<std::string>& features) {
  auto bank =
      FeatureBank::Create(columns, std::vector<ColumnScale>(columns.size()), services, features);
  EXPECT_TRUE(bank.ok()) << bank.status();
  return *std::move(bank);
}

TEST(Aggregates, AreTheLargestTheTopThreeAndTheShareBeyondThree) {
  EXPECT_TRUE(rc::check("as from a sorted list", [] {
    const auto values = *rc::gen::container<std::vector<int>>(rc::gen::inRange(-80, 80));
    Deviations deviations;
    std::vector<float> sizes;
    for (const int value : values) {
      deviations.Add(static_cast<float>(value) / 10);
      sizes.push_back(std::abs(static_cast<float>(value) / 10));
    }
    std::sort(sizes.begin(), sizes.end(), std::greater<>());
    const size_t n = std::min<size_t>(3, sizes.size());
    float top = 0;
    for (size_t i = 0; i < n; ++i) top += sizes[i];
    const auto beyond = std::count_if(sizes.begin(), sizes.end(), [](float z) { return z > 3; });
    RC_ASSERT(deviations.largest() == (sizes.empty() ? 0 : sizes[0]));
    RC_ASSERT(std::abs(deviations.top() - (n == 0 ? 0 : top / static_cast<float>(n))) < 1e-5F);
    RC_ASSERT(std::abs(deviations.share() - (sizes.empty()
                                                 ? 0
                                                 : static_cast<float>(beyond) /
                                                       static_cast<float>(sizes.size()))) < 1e-6F);
  }));
}

TEST(Aggregates, OfAServiceSeeItsOwnSignalsAndOfTheSystemEveryones) {
  FeatureBank bank = Bank({"a/x", "a/y", "b/x", "b/y", "queue"}, {"a", "b"},
                          {"largest(fast)", "system_largest(fast)", "system_share(fast)"});
  bank.Step({1, 0, -4, 0, 5});
  EXPECT_THAT(bank.output()(0, 0), FloatNear(1, 0.01F));
  EXPECT_THAT(bank.output()(1, 0), FloatNear(3.7F, 0.1F));
  EXPECT_THAT(bank.output()(0, 1), FloatNear(4.4F, 0.1F)) << "the queue belongs to the system";
  EXPECT_EQ(bank.output()(0, 1), bank.output()(1, 1));
  EXPECT_THAT(bank.output()(0, 2), FloatNear(2.0F / 5, 1e-6F));
}

TEST(Aggregates, LeaveOutServicesThatAreAbsent) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  FeatureBank bank = Bank({"a/x", "b/x"}, {"a", "b"}, {"system_share(fast)"});
  bank.Step({6, kNan});
  EXPECT_EQ(bank.output()(0, 0), 1);
}

TEST(RiseAggregate, CountsOnlyRisesOfItsClass) {
  FeatureBank bank = Bank({"a/request_latency", "a/cpu", "a/errors"}, {"a"},
                          {"rise(latency)", "rise(error)", "rise(resource)"});
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (int r = 0; r < 60; ++r) bank.Step({normal(random), normal(random), normal(random)});
  for (int r = 0; r < 4; ++r) bank.Step({20, -20, 0});
  EXPECT_GT(bank.output()(0, 0), 5);
  EXPECT_LT(bank.output()(0, 1), 2);
  EXPECT_LT(bank.output()(0, 2), 2);
}

TEST(Aggregates, AreOfferedForSeveralSignalsAndClassesThatExist) {
  const std::vector<std::string> plain = {"metric_01", "metric_02"};
  const auto features = CandidateFeatures(plain, {});
  EXPECT_THAT(features, Contains("top(robust_z)"));
  EXPECT_THAT(features, Not(Contains("rise(latency)")));
  EXPECT_THAT(features, Not(Contains("observability(gap)")));
  const std::vector<std::string> one = {"metric_01"};
  EXPECT_THAT(CandidateFeatures(one, {}), Not(Contains("top(robust_z)")));
}

TEST(Aggregates, NeedEveryColumn) {
  const std::vector<std::string> columns = {"a/x", "b/y", "a>b/z", "queue"};
  EXPECT_THAT(ColumnsFor({"system_top(robust_z)"}, columns, {"a", "b"}), SizeIs(4));
}

struct View {
  float client;
  float observer;
};
float GapOf(View view) {
  Observability observability;
  observability.AddSymptom(view.client);
  observability.AddResource(view.observer);
  return observability.gap();
}

TEST(ObservabilityGap, IsLargeOnlyWhereClientsSufferAndTheObserverSeesNothing) {
  EXPECT_GT(GapOf({7, 0}), 0.9F) << "gray";
  EXPECT_LT(GapOf({7, 8}), 0.1F) << "overt";
  EXPECT_EQ(GapOf({0, 8}), 0) << "latent or masked";
  EXPECT_EQ(GapOf({1, 1}), 0) << "healthy";
}

TEST(ObservabilityGap, FollowsItsFormula) {
  Observability observability;
  observability.AddSymptom(3);
  observability.AddThroughput(-5);
  observability.AddResource(2.5F);
  EXPECT_THAT(observability.client(), FloatNear(1 - std::exp(-1.5F), 1e-6F));
  EXPECT_THAT(observability.observer(), FloatNear(1 - std::exp(-0.25F), 1e-6F));
}

TEST(ObservabilityFeature, RisesWhenCallersSeeASlowEdgeAndTheServiceLooksIdle) {
  FeatureBank bank =
      Bank({"a/cpu", "b/cpu", "a>b/request_latency"}, {"a", "b"}, {"observability(gap)"});
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (int r = 0; r < 60; ++r) bank.Step({normal(random), 0, normal(random)});
  EXPECT_LT(bank.output()(1, 0), 0.5F);
  for (int r = 0; r < 4; ++r) bank.Step({normal(random), 0, 20});
  EXPECT_GT(bank.output()(1, 0), 0.8F);
  EXPECT_EQ(bank.output()(0, 0), 0);
}

TEST(SignalClasses, AreReadFromNames) {
  EXPECT_EQ(ClassOf("edge:request_duration_seconds_mean"), SignalClass::kLatency);
  EXPECT_EQ(ClassOf("Response_Time_ms"), SignalClass::kLatency);
  EXPECT_EQ(ClassOf("http_5xx_rate"), SignalClass::kError);
  EXPECT_EQ(ClassOf("workload_ops_per_second"), SignalClass::kLoad);
  EXPECT_EQ(ClassOf("cpu_usage_percent"), SignalClass::kResource);
  EXPECT_EQ(ClassOf("metric_01"), SignalClass::kOther);
  EXPECT_TRUE(IsOwnLatency("edge:callee_latency_p50_seconds"));
  EXPECT_TRUE(IsCallersLatency("edge:caller_latency_p50_seconds"));
}

}  // namespace
}  // namespace grayling
