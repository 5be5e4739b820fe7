#include "ml/adjuster/noise_adjuster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "ml/adjuster/host_state.h"
#include "noisy_series.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kRows = 1200;
constexpr int kFaultFrom = 900;

// A KPI around 50 that follows the hosts' CPU, which drifts; in the second run a fault lifts the
// KPI by a half, and the hosts do not show it.
Dataset Recording(double coupling) {
  Dataset dataset;
  dataset.columns = {"node/cpu_percent", "node/memory_percent", "latency_p95"};
  for (const uint64_t seed : {1U, 2U}) {
    std::vector<float> cpu = NoisySeries(kRows, 0, 1, seed);
    std::vector<float> kpi = NoisySeries(kRows, 0, 1, seed + 10);
    for (int row = 0; row < kRows; ++row) {
      const auto i = static_cast<size_t>(row);
      const double drift = std::sin(row * 0.02 + static_cast<double>(seed));
      cpu[i] += static_cast<float>(40 + 15 * drift);
      kpi[i] += static_cast<float>(50 * (1 + coupling * drift));
      if (seed == 2 && row >= kFaultFrom) kpi[i] *= 1.5F;
    }
    Run run = RunOf(absl::StrCat("r", seed), {cpu, NoisySeries(kRows, 60, 1, seed + 20), kpi});
    run.group = run.id;
    if (seed == 2) run.windows = {FaultWindow(kFaultFrom, kRows)};
    dataset.runs.push_back(std::move(run));
  }
  return dataset;
}

NoiseAdjusterSettings Settings() {
  NoiseAdjusterSettings settings;
  settings.kpi = 2;
  settings.host_columns = {0, 1};
  settings.window = 5;
  settings.trees.rounds = 60;
  settings.trees.learning_rate = 0.1;
  return settings;
}

double RelativeSpread(const Run& run, Eigen::Index column, Eigen::Index first, Eigen::Index count) {
  const Eigen::ArrayXd values = run.values.col(column).segment(first, count).cast<double>();
  return std::sqrt((values - values.mean()).square().mean()) / values.mean();
}

TEST(NoiseAdjuster, WhatTheHostsExplainIsDividedOutAndTheFaultStays) {
  const Dataset before = Recording(0.2);
  Dataset after = before;
  const std::vector<size_t> baseline = {0};
  const auto adjustment = AdjustKpi(after, baseline, Settings());
  ASSERT_TRUE(adjustment.ok()) << adjustment.status();
  EXPECT_TRUE(adjustment->applied);
  EXPECT_GT(adjustment->r2, 0.8);
  EXPECT_LT(RelativeSpread(after.runs[1], 2, 0, kFaultFrom),
            0.5 * RelativeSpread(before.runs[1], 2, 0, kFaultFrom));
  ASSERT_EQ(after.columns.back(), "latency_p95#residual");
  const auto residual = after.runs[1].values.col(3);
  EXPECT_NEAR(residual.segment(100, 800).mean(), 0, 0.05);
  EXPECT_NEAR(residual.segment(kFaultFrom + 10, 200).mean(), 0.5, 0.1);
}

TEST(NoiseAdjuster, HostsThatExplainNothingLeaveTheDataSetAsItIs) {
  const Dataset before = Recording(0);
  Dataset after = before;
  const std::vector<size_t> baseline = {0, 1};
  const auto adjustment = AdjustKpi(after, baseline, Settings());
  ASSERT_TRUE(adjustment.ok());
  EXPECT_FALSE(adjustment->applied);
  EXPECT_LE(adjustment->r2, 0);
  EXPECT_EQ(after.columns, before.columns);
  EXPECT_EQ(after.runs[0].values, before.runs[0].values);
}

TEST(NoiseAdjuster, RowsOutsideTheBaselineChangeNoFittedNumber) {
  Dataset plain = Recording(0.2);
  Dataset garbage = plain;
  garbage.runs[1].values.setRandom();
  const std::vector<size_t> baseline = {0};
  const auto a = AdjustKpi(plain, baseline, Settings());
  const auto b = AdjustKpi(garbage, baseline, Settings());
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->r2, b->r2);
  EXPECT_EQ(a->center, b->center);
  EXPECT_EQ(plain.runs[0].values, garbage.runs[0].values);
}

TEST(NoiseAdjuster, TheSameInputGivesTheSameBits) {
  Dataset first = Recording(0.2);
  Dataset second = first;
  const std::vector<size_t> baseline = {0, 1};
  ASSERT_TRUE(AdjustKpi(first, baseline, Settings()).ok());
  ASSERT_TRUE(AdjustKpi(second, baseline, Settings()).ok());
  EXPECT_EQ(first.runs[1].values, second.runs[1].values);
}

TEST(NoiseAdjuster, AKpiAroundZeroAndTooFewRowsAreRefused) {
  const std::vector<size_t> baseline = {0};
  Dataset zero = Recording(0.2);
  zero.runs[0].values.col(2).setZero();
  EXPECT_THAT(std::string(AdjustKpi(zero, baseline, Settings()).status().message()),
              HasSubstr("median of \"latency_p95\" is zero"));
  Dataset covered = Recording(0.2);
  covered.runs[0].windows = {FaultWindow(50, kRows)};
  EXPECT_THAT(std::string(AdjustKpi(covered, baseline, Settings()).status().message()),
              HasSubstr("only 50 fault-free rows"));
}

TEST(HostState, AutoTakesResourcesAndNeverWhatClientsSee) {
  const std::vector<std::string> columns = {"a/cpu_usage_percent", "a/client_latency_p95_seconds",
                                            "node_memory_percent", "kpi",
                                            "a/cpu_usage_percent#mask"};
  EXPECT_THAT(HostColumns(columns, 3, "auto").value(), ElementsAre(0, 2));
  EXPECT_THAT(HostColumns(columns, 2, "auto").value(), ElementsAre(0)) << "never the KPI itself";
}

TEST(HostState, NamesMayHoldStars) {
  const std::vector<std::string> columns = {"a/x_one", "b/x_two", "b/y", "kpi"};
  EXPECT_THAT(HostColumns(columns, 3, "*/x_*").value(), ElementsAre(0, 1));
  EXPECT_THAT(HostColumns(columns, 3, "b/y, a/x_one").value(), ElementsAre(0, 2));
  EXPECT_THAT(HostColumns(columns, 3, "*").value(), ElementsAre(0, 1, 2));
  EXPECT_THAT(std::string(HostColumns(columns, 3, "kpi").status().message()),
              HasSubstr("never counts"));
  EXPECT_FALSE(HostColumns(columns, 3, "auto").ok());
  EXPECT_FALSE(HostColumns(columns, 3, "").ok());
}

TEST(HostState, QuartilesLookBackOnly) {
  grayling::Run run = RunOf("a", {NoisySeries(50, 10, 3, 1)});
  const std::vector<size_t> columns = {0};
  const Matrix before = HostState(run, columns, 5);
  run.values(30, 0) = run.values(31, 0) = 1000;
  const Matrix after = HostState(run, columns, 5);
  EXPECT_EQ(before.topRows(30), after.topRows(30));
  EXPECT_NE(before.row(31), after.row(31));
  EXPECT_EQ(before.bottomRows(14), after.bottomRows(14));
}

TEST(BoostedTrees, InputsAndTargetsMustFit) {
  const std::vector<float> targets = {1, 2};
  EXPECT_EQ(BoostedTrees::Fit(Matrix::Zero(3, 1), targets, {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(BoostedTrees::Fit(Matrix(), {}, {}).ok());
}

}  // namespace
}  // namespace grayling
