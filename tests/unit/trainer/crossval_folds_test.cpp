#include "ml/trainer/crossval_folds.h"

#include <gmock/gmock.h>

#include <cmath>

namespace grayling {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kRecovery = 4;

LabelWindow Window(double start, double end, const std::string& label, double intensity = 1) {
  LabelWindow window;
  window.start = start;
  window.end = end;
  window.label = label;
  window.intensity = intensity;
  return window;
}

// Rows at 0, 1 ... n - 1; the cell holds the time, so that rows can be told apart.
grayling::Run Seconds(const std::string& id, const std::string& group, int n,
                      std::vector<LabelWindow> windows) {
  grayling::Run run;
  run.id = id;
  run.group = group;
  run.values.resize(n, 1);
  for (int i = 0; i < n; ++i) {
    run.time.push_back(i);
    run.values(i, 0) = static_cast<float>(i);
  }
  run.windows = std::move(windows);
  return run;
}

Dataset Of(std::vector<grayling::Run> runs) {
  Dataset dataset;
  dataset.name = "set";
  dataset.columns = {"a/metric"};
  dataset.runs = std::move(runs);
  return dataset;
}

FoldPlan Plan(const Dataset& dataset, HoldOut by, size_t most = 10) {
  auto plan = PlanFolds(dataset, by, kRecovery, most);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.ok() ? *std::move(plan) : FoldPlan{};
}

TEST(FoldsByGroup, KeepAllRunsOfAGroupTogether) {
  const Dataset dataset =
      Of({Seconds("r1", "g1", 50, {Window(10, 20, "cpu")}),
          Seconds("r2", "g2", 50, {Window(10, 20, "cpu")}), Seconds("r3", "g1", 50, {})});
  const FoldPlan plan = Plan(dataset, HoldOut::kGroup);
  EXPECT_THAT(plan.names, ElementsAre("g1", "g2"));
  EXPECT_THAT(plan.fold_of_row[0], Each(0));
  EXPECT_THAT(plan.fold_of_row[1], Each(1));
  EXPECT_THAT(plan.fold_of_row[2], Each(0));
  const Dataset part = TrainingPart(dataset, plan, 0);
  ASSERT_THAT(part.runs, SizeIs(1));
  EXPECT_EQ(part.runs[0].id, "r2");
  EXPECT_THAT(part.runs[0].windows, SizeIs(1));
}

TEST(FoldsByGroup, DealGroupsWithoutFaultsOverTheOthers) {
  const Dataset dataset =
      Of({Seconds("calm", "calm", 50, {}), Seconds("r1", "g1", 50, {Window(10, 20, "cpu")}),
          Seconds("quiet", "quiet", 50, {}), Seconds("r2", "g2", 50, {Window(10, 20, "cpu")})});
  const FoldPlan plan = Plan(dataset, HoldOut::kGroup);
  EXPECT_THAT(plan.names, ElementsAre("calm, g1", "quiet, g2"));
}

TEST(FoldsByGroup, BundleGroupsWhenThereAreMany) {
  std::vector<grayling::Run> runs;
  for (int i = 0; i < 7; ++i) {
    const std::string name = std::string("g") + std::to_string(i);
    runs.push_back(Seconds(name, name, 40, {Window(10, 20, "cpu")}));
  }
  const FoldPlan plan = Plan(Of(std::move(runs)), HoldOut::kGroup, 3);
  EXPECT_THAT(plan.names, SizeIs(3));
  EXPECT_THAT(plan.note, HasSubstr("3 bundles"));
}

TEST(FoldsByGroup, CutASingleGroupIntoStretchesBetweenItsFaults) {
  std::vector<LabelWindow> windows;
  for (int i = 0; i < 10; ++i) windows.push_back(Window(20 + 30 * i, 30 + 30 * i, "cpu"));
  const Dataset dataset = Of({Seconds("r1", "g1", 340, windows)});
  const FoldPlan plan = Plan(dataset, HoldOut::kGroup);
  EXPECT_THAT(plan.names, SizeIs(5));
  EXPECT_THAT(plan.note, HasSubstr("stretches of time"));
  EXPECT_THAT(plan.fold_of_window[0], ElementsAre(0, 0, 1, 1, 2, 2, 3, 3, 4, 4));
  for (const LabelWindow& window : windows) {
    for (int t = static_cast<int>(window.start); t < window.end + kRecovery; ++t) {
      EXPECT_EQ(plan.fold_of_row[0][static_cast<size_t>(t)],
                plan.fold_of_row[0][static_cast<size_t>(window.start)]);
    }
  }
}

TEST(FoldsByGroup, SayWhatIsMissingWithOneFault) {
  const auto plan = PlanFolds(Of({Seconds("r1", "g1", 50, {Window(10, 20, "cpu")})}),
                              HoldOut::kGroup, kRecovery, 10);
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("needs two at least"));
}

TEST(FoldsByKind, GiveAFaultItsRecoveryAndWhatComesBeforeIt) {
  const Dataset dataset =
      Of({Seconds("r1", "g1", 60, {Window(10, 20, "cpu"), Window(30, 40, "delay")})});
  const FoldPlan plan = Plan(dataset, HoldOut::kKind);
  EXPECT_THAT(plan.names, ElementsAre("cpu", "delay"));
  const std::vector<int>& fold = plan.fold_of_row[0];
  EXPECT_THAT(std::vector<int>(fold.begin(), fold.begin() + 24), Each(0));
  EXPECT_THAT(std::vector<int>(fold.begin() + 24, fold.begin() + 44), Each(1));
}

TEST(FoldsByKind, DealDistantFaultFreeRowsOverAllFolds) {
  const Dataset dataset =
      Of({Seconds("r1", "g1", 900, {Window(10, 20, "cpu"), Window(30, 40, "delay")})});
  const std::vector<int> fold = Plan(dataset, HoldOut::kKind).fold_of_row[0];
  const auto count = std::count(fold.begin() + 44, fold.end(), 0);
  EXPECT_NEAR(static_cast<double>(count), 428, 60);
}

TEST(FoldsByKind, HideEveryRowOfTheKindFromTraining) {
  // The delay overlaps the cpu fault.
  const Dataset dataset = Of({Seconds(
      "r1", "g1", 200, {Window(10, 20, "cpu"), Window(15, 30, "delay"), Window(90, 100, "cpu")})});
  const FoldPlan plan = Plan(dataset, HoldOut::kKind);
  const Dataset part = TrainingPart(dataset, plan, 0);  // without cpu
  for (const grayling::Run& run : part.runs) {
    for (size_t r = 0; r < run.time.size(); ++r) {
      const double t = run.time[r];
      const bool in_cpu = (t >= 10 && t < 20 + kRecovery) || (t >= 90 && t < 100 + kRecovery);
      const float value = run.values(static_cast<Eigen::Index>(r), 0);
      EXPECT_TRUE(!in_cpu || std::isnan(value)) << t;
      EXPECT_TRUE(std::isnan(value) || value == static_cast<float>(t)) << t;
    }
    for (const LabelWindow& window : run.windows) EXPECT_EQ(window.label, "delay");
  }
  EXPECT_GE(part.runs.size(), 1U);
}

TEST(FoldsByKind, SayWhatIsMissingWithOneKind) {
  const auto plan =
      PlanFolds(Of({Seconds("r1", "g1", 90, {Window(10, 20, "cpu"), Window(50, 60, "cpu")})}),
                HoldOut::kKind, kRecovery, 10);
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("only one fault kind"));
}

TEST(FoldsByIntensity, TellValuesApart) {
  const Dataset dataset =
      Of({Seconds("r1", "g1", 90, {Window(10, 20, "cpu", 5), Window(50, 60, "cpu", 7.5)})});
  EXPECT_THAT(Plan(dataset, HoldOut::kIntensity).names, ElementsAre("5", "7.5"));
}

TEST(Folds, ScoreEveryRowOnceAndTeachNoneOfThem) {
  std::vector<LabelWindow> windows;
  for (int i = 0; i < 9; ++i) {
    windows.push_back(Window(50 + 70 * i, 60 + 70 * i, i % 2 == 0 ? "cpu" : "delay", i % 3));
  }
  const Dataset dataset =
      Of({Seconds("r1", "g1", 800, windows), Seconds("r2", "g2", 500, windows)});
  for (const HoldOut by : {HoldOut::kGroup, HoldOut::kKind, HoldOut::kIntensity}) {
    const FoldPlan plan = Plan(dataset, by);
    for (size_t f = 0; f < plan.names.size(); ++f) {
      const Dataset part = TrainingPart(dataset, plan, static_cast<int>(f));
      for (const grayling::Run& run : part.runs) {
        const size_t source = run.id[1] == '1' ? 0 : 1;
        for (size_t r = 0; r < run.time.size(); ++r) {
          if (std::isnan(run.values(static_cast<Eigen::Index>(r), 0))) continue;
          EXPECT_NE(plan.fold_of_row[source][static_cast<size_t>(run.time[r])],
                    static_cast<int>(f));
        }
      }
    }
  }
}

TEST(TrainingPart, LeavesOutColumnsOfWhichNothingIsLeft) {
  Dataset dataset = Of({Seconds("r1", "g1", 50, {Window(10, 20, "cpu")}),
                        Seconds("r2", "g2", 50, {Window(10, 20, "cpu")})});
  dataset.columns = {"a/metric", "b/metric"};
  for (grayling::Run& run : dataset.runs) {
    Matrix values = Matrix::Constant(50, 2, NAN);
    values.col(run.id == "r1" ? 0 : 1) = run.values.col(0);
    run.values = values;
  }
  const Dataset part = TrainingPart(dataset, Plan(dataset, HoldOut::kGroup), 0);
  EXPECT_THAT(part.columns, ElementsAre("b/metric"));
  EXPECT_EQ(part.runs[0].values.cols(), 1);
}

TEST(HoldOut, IsReadByItsName) {
  EXPECT_EQ(*ParseHoldOut("intensity"), HoldOut::kIntensity);
  EXPECT_THAT(std::string(ParseHoldOut("moon").status().message()),
              HasSubstr("group, kind or intensity"));
}

}  // namespace
}  // namespace grayling
