#include "ml/core/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <random>

#include "absl/strings/str_cat.h"
#include "ml/core/describe_figures.h"
#include "ml/core/describe_phases.h"
#include "ml/core/describe_text.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

LabelWindow Window(double start, double end, const std::string& label) {
  LabelWindow window;
  window.start = start;
  window.end = end;
  window.label = label;
  return window;
}

// A run of noise around 10 in every column, one row a second.
Run NoiseRun(const std::string& id, size_t rows, Eigen::Index columns, unsigned seed) {
  grayling::Run run;
  run.id = run.group = id;
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(10, 1);
  run.values.resize(static_cast<Eigen::Index>(rows), columns);
  for (size_t row = 0; row < rows; ++row) {
    run.time.push_back(1000 + static_cast<double>(row));
    for (Eigen::Index c = 0; c < columns; ++c) {
      run.values(static_cast<Eigen::Index>(row), c) = noise(random);
    }
  }
  return run;
}

// Columns: "up" rises by 20 from two seconds after each start to five after its end, "down" falls
// by 1.5 while a fault lasts, "noise" does nothing, "still" never moves. Six runs with two faults
// each, the kinds "a" and "b"; only "a" has effects. One baseline run.
Dataset Faulty() {
  Dataset dataset;
  dataset.name = "synthetic";
  dataset.columns = {"noise", "still", "down", "up"};
  for (unsigned r = 0; r < 7; ++r) {
    grayling::Run run = NoiseRun(absl::StrCat("run", r), 400, 4, r);
    run.values.col(1).setConstant(3);
    if (r < 6) {
      run.windows = {Window(1100, 1130, "a"), Window(1300, 1330, "b")};
      run.values.block(100, 2, 30, 1).array() -= 1.5F;
      run.values.block(102, 3, 33, 1).array() += 20;
    }
    dataset.runs.push_back(std::move(run));
  }
  return dataset;
}

const ColumnDescription& Find(const KindDescription& kind, const std::string& column) {
  for (const ColumnDescription& one : kind.columns) {
    if (one.column == column) return one;
  }
  ADD_FAILURE() << column << " is not described";
  return kind.columns.front();
}

TEST(Phases, AreAsLongAsTheWindowAndKeepOutOfOtherFaults) {
  Dataset dataset;
  dataset.period_s = 1;
  grayling::Run run = NoiseRun("a", 200, 1, 1);
  run.windows = {Window(1050, 1070, "x"), Window(1078, 1098, "x"), Window(1900, 1950, "outside")};
  dataset.runs = {run};
  const auto events = PhasesOf(dataset, 4);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].before.first, 30U);
  EXPECT_EQ(events[0].before.last, 50U);
  EXPECT_EQ(events[0].during.first, 50U);
  EXPECT_EQ(events[0].during.last, 70U);
  EXPECT_EQ(events[0].after.first, 74U);
  EXPECT_EQ(events[0].after.last, 78U);  // the next fault begins
  EXPECT_EQ(events[1].before.first, 74U);
  EXPECT_EQ(events[1].before.last, 78U);
  EXPECT_EQ(events[1].after.last, 122U);
}

TEST(Phases, OfFaultsThatBeginTogetherShareTheirBefore) {
  Dataset dataset;
  grayling::Run run = NoiseRun("a", 200, 1, 1);
  run.windows = {Window(1050, 1070, "x"), Window(1050, 1080, "y")};
  dataset.runs = {run};
  const auto events = PhasesOf(dataset, 4);
  EXPECT_EQ(events[0].before.size(), 20U);
  EXPECT_EQ(events[1].before.size(), 30U);
  EXPECT_EQ(events[0].after.size(), 0U);  // the other one still acts
}

TEST(Describe, RanksColumnsByTheEffectThatTheDataSupport) {
  const Description description = DescribeFaults(Faulty(), {.recovery_s = 4});
  ASSERT_EQ(description.kinds.size(), 2U);
  const KindDescription& a = description.kinds[0];
  EXPECT_EQ(a.kind, "a");
  EXPECT_EQ(a.events, 6);
  ASSERT_EQ(a.columns.size(), 4U);
  EXPECT_EQ(a.columns[0].resampled, "runs");
  EXPECT_EQ(a.columns[0].column, "up");
  EXPECT_EQ(a.columns[1].column, "down");
  // 28 of 30 rows are far higher: 28/30 of all pairs, and the two late rows are level.
  EXPECT_NEAR(a.columns[0].effects[0].delta, 0.93, 0.05);
  EXPECT_LT(a.columns[1].effects[0].delta, -0.5);
  EXPECT_LT(a.columns[1].effects[0].interval.high, -0.4);
  EXPECT_LT(a.columns[1].effects[0].interval.low, a.columns[1].effects[0].delta);
}

TEST(Describe, SeesNothingWhereNothingHappens) {
  const Description description = DescribeFaults(Faulty(), {.recovery_s = 4});
  const KindDescription& b = description.kinds[1];
  for (const ColumnDescription& column : b.columns) {
    const Effect& effect = column.effects[0];
    EXPECT_LE(effect.interval.low, 0.05) << column.column;
    EXPECT_GE(effect.interval.high, -0.05) << column.column;
    EXPECT_GT(effect.adjusted_p_value, 0.05) << column.column;
  }
  EXPECT_EQ(Find(b, "still").effects[0].delta, 0);
  EXPECT_EQ(Find(b, "still").onsets, 0);
}

TEST(Describe, ComparesWithBaselineRunsAndSummarizesEveryPhase) {
  const Description description = DescribeFaults(Faulty(), {.recovery_s = 4});
  EXPECT_EQ(description.baseline_runs, 1);
  const ColumnDescription& up = Find(description.kinds[0], "up");
  const auto phase = [&up](Phase p) { return up.phases[static_cast<size_t>(p)]; };
  EXPECT_EQ(phase(Phase::kBaseline).rows, 400U);
  EXPECT_EQ(phase(Phase::kDuring).rows, 180U);
  EXPECT_NEAR(phase(Phase::kBefore).median, 10, 0.3);
  EXPECT_NEAR(phase(Phase::kBefore).scale, 1, 0.2);
  EXPECT_NEAR(phase(Phase::kDuring).median, 30, 0.5);
  EXPECT_GT(up.effects[4].delta, 0.85);       // during against baseline
  EXPECT_NEAR(up.effects[3].delta, 0, 0.15);  // before against baseline
  EXPECT_LT(up.effects[0].adjusted_p_value, 1e-6);
  EXPECT_NEAR(up.shift, 20, 4);
}

TEST(Describe, DoesNotTakeWhatGrowsAnywayForAnEffect) {
  Dataset dataset = Faulty();
  for (grayling::Run& run : dataset.runs) {
    for (Eigen::Index row = 0; row < 400; ++row) run.values(row, 0) = static_cast<float>(row);
  }
  const Description description = DescribeFaults(dataset, {.recovery_s = 4});
  const ColumnDescription& growing = Find(description.kinds[0], "noise");
  EXPECT_EQ(growing.effects[0].delta, 1);
  EXPECT_EQ(growing.drift, 1);
  EXPECT_EQ(description.kinds[0].columns[0].column, "up");
  EXPECT_EQ(description.kinds[0].columns[1].column, "down");
}

TEST(Describe, MeasuresOnsetAndRecoveryInSeconds) {
  const Description description = DescribeFaults(Faulty(), {.recovery_s = 4});
  const ColumnDescription& up = Find(description.kinds[0], "up");
  EXPECT_EQ(up.onsets, 6);
  EXPECT_DOUBLE_EQ(up.median_onset_s, 2);
  EXPECT_EQ(up.recoveries, 6);
  EXPECT_DOUBLE_EQ(up.median_recovery_s, 5);
}

TEST(Describe, PassesOverMissingCellsAndColumnsThatARunLacks) {
  Dataset dataset = Faulty();
  for (size_t r = 0; r < 3; ++r) dataset.runs[r].values.col(3).setConstant(kMissing);
  for (Eigen::Index row = 0; row < 400; row += 3) dataset.runs[4].values(row, 3) = kMissing;
  const Description description = DescribeFaults(dataset, {.recovery_s = 4});
  const ColumnDescription& up = Find(description.kinds[0], "up");
  EXPECT_EQ(up.events, 3);
  EXPECT_NEAR(up.effects[0].delta, 0.93, 0.06);
  EXPECT_LE(up.median_onset_s, 3);
}

TEST(Describe, NamesWhatItResamples) {
  Dataset dataset = Faulty();
  for (grayling::Run& run : dataset.runs) run.group = "one";
  EXPECT_EQ(DescribeFaults(dataset, {}).kinds[0].columns[0].resampled, "events");
  dataset.runs.resize(1);
  const Description single = DescribeFaults(dataset, {});
  EXPECT_EQ(single.kinds[0].events, 1);
  EXPECT_TRUE(std::isnan(single.kinds[0].columns[0].effects[0].interval.low));
  EXPECT_TRUE(std::isnan(single.kinds[0].columns[0].effects[4].delta));  // no baseline run
}

TEST(Describe, ResamplesEventsForAColumnThatFewRunsHave) {
  Dataset dataset = Faulty();
  for (size_t r = 0; r < 3; ++r) dataset.runs[r].values.col(3).setConstant(kMissing);
  const Description description = DescribeFaults(dataset, {.recovery_s = 4});
  EXPECT_EQ(Find(description.kinds[0], "up").resampled, "events");
  EXPECT_EQ(Find(description.kinds[0], "down").resampled, "runs");
}

TEST(Describe, FollowsTheFaultFromServiceToService) {
  Dataset dataset;
  dataset.columns = {"a/cpu",       "b/cpu",       "c/cpu", "x>a/latency",
                     "y>a/latency", "x>b/latency", "load"};
  for (unsigned r = 0; r < 6; ++r) {
    grayling::Run run = NoiseRun(absl::StrCat("run", r), 300, 7, r);
    run.windows = {Window(1150, 1180, "cpu")};
    run.windows[0].service = r % 2 == 0 ? "a" : "b";
    run.values.block(150, r % 2, 30, 1).array() += 10;
    dataset.runs.push_back(std::move(run));
  }
  const Description description = DescribeFaults(dataset, {.recovery_s = 4});
  const KindDescription& kind = description.kinds[0];
  EXPECT_EQ(kind.columns[0].column, "(faulty)/cpu");
  EXPECT_EQ(kind.columns[0].events, 6);
  EXPECT_DOUBLE_EQ(kind.columns[0].effects[0].delta, 1);
  EXPECT_NEAR(Find(kind, "*>(faulty)/latency").effects[0].delta, 0, 0.3);
  EXPECT_LT(Find(kind, "a/cpu").effects[0].delta, 0.8);
  // Figures know these columns too.
  EXPECT_THAT(DrawCourses(dataset, kind, {.recovery_s = 4}, 1), HasSubstr("(faulty)/cpu"));
}

TEST(Describe, IsTheSameTwiceAndDoesNotDependOnTheOrderOfColumns) {
  Dataset dataset = Faulty();
  const auto once = ToJson(DescribeFaults(dataset, {.recovery_s = 4}), 0);
  EXPECT_EQ(once, ToJson(DescribeFaults(dataset, {.recovery_s = 4}), 0));
  std::swap(dataset.columns[0], dataset.columns[3]);
  for (grayling::Run& run : dataset.runs) run.values.col(0).swap(run.values.col(3));
  const auto swapped = ToJson(DescribeFaults(dataset, {.recovery_s = 4}), 0);
  EXPECT_EQ(once["kinds"][0]["columns"][0], swapped["kinds"][0]["columns"][0]);
}

TEST(DescribeText, ShowsTheTopOfEachKindAndSaysThatPValuesAreTooSmall) {
  const Dataset dataset = Faulty();
  const Description description = DescribeFaults(dataset, {.recovery_s = 4});
  const std::string text = FormatDescription(description, 1);
  EXPECT_THAT(text, HasSubstr("\na: 6 events\n"));
  EXPECT_THAT(text, HasSubstr("the p values are too small"));
  EXPECT_THAT(text, HasSubstr("2 s (6/6)"));
  EXPECT_THAT(text, HasSubstr("(3 more columns"));
  EXPECT_THAT(FormatReport(dataset, ReportOn(dataset), 5), HasSubstr("Constant (1): still"));
  EXPECT_THAT(FormatDescription({}, 5), HasSubstr("nothing to compare"));
}

TEST(DescribeFigures, AreWrittenForEveryKindWithEscapedNames) {
  Dataset dataset = Faulty();
  dataset.columns[3] = "a>b/<up>";
  for (grayling::Run& run : dataset.runs) {
    for (LabelWindow& window : run.windows) window.label += "/x";
  }
  const DescribeSettings settings{.recovery_s = 4};
  const Description description = DescribeFaults(dataset, settings);
  const auto folder =
      std::filesystem::temp_directory_path() / absl::StrCat("grayling-describe-", ::getpid());
  const auto paths = WriteFigures(dataset, description, settings, folder.string(), 3);
  ASSERT_TRUE(paths.ok()) << paths.status();
  EXPECT_EQ(paths->size(), 4U);
  EXPECT_TRUE(std::filesystem::exists(folder / "effects-a_x.svg"));
  EXPECT_TRUE(std::filesystem::exists(folder / "course-b_x.svg"));
  const std::string effects = DrawEffects(description.kinds[0], 3);
  EXPECT_THAT(effects, HasSubstr("a&gt;b/&lt;up&gt;"));
  EXPECT_THAT(effects, Not(HasSubstr("nan")));
  std::filesystem::remove_all(folder);
}

TEST(DescribeFigures, SayWhichFolderCannotBeMade) {
  const auto refused = WriteFigures({}, {}, {}, "/proc/nowhere/figures", 3).status();
  EXPECT_THAT(std::string(refused.message()), HasSubstr("/proc/nowhere/figures"));
}

}  // namespace
}  // namespace grayling
