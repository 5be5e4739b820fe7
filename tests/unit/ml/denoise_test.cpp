#include "ml/core/denoise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "ml/core/denoise_classic.h"
#include "noisy_series.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kRows = 1000;
constexpr int kFaultFrom = 600;
constexpr int kFaultTo = 700;
const std::vector<int> kSpikeRows = {150, 320, 480, 800, 900};

// A steady, a variable and an oscillating series; the test run has spikes in the first two and a
// step at the fault in all.
Dataset Recording() {
  const auto oscillation = [](uint64_t seed) {
    std::vector<float> values = NoisySeries(kRows, 0, 1, seed);
    for (int row = 0; row < kRows; ++row) {
      values[static_cast<size_t>(row)] +=
          100 + 40 * static_cast<float>(std::sin(row * std::numbers::pi / 2));
    }
    return values;
  };
  Dataset dataset;
  dataset.name = "recording";
  dataset.columns = {"steady", "variable", "oscillating"};
  for (const bool test : {false, true}) {
    const uint64_t seed = test ? 10 : 20;
    std::vector<std::vector<float>> series = {NoisySeries(kRows, 100, 2, seed),
                                              NoisySeries(kRows, 100, 25, seed + 1),
                                              oscillation(seed + 2)};
    if (test) {
      for (const int row : kSpikeRows) {
        series[0][static_cast<size_t>(row)] = 160;
        series[1][static_cast<size_t>(row)] = 900;
      }
      for (size_t row = kFaultFrom; row < kFaultTo; ++row) {
        for (auto& values : series) values[row] += 200;
      }
    }
    Run run = RunOf(test ? "test" : "train", series);
    run.split = test ? "test" : "train";
    run.group = run.id;
    if (test) run.windows = {FaultWindow(kFaultFrom, kFaultTo)};
    dataset.runs.push_back(std::move(run));
  }
  return dataset;
}

// Rows of the test run that were changed.
std::vector<int> Changed(const Dataset& before, const Dataset& after, Eigen::Index column) {
  std::vector<int> rows;
  for (int row = 0; row < kRows; ++row) {
    if (before.runs[1].values(row, column) != after.runs[1].values(row, column)) {
      rows.push_back(row);
    }
  }
  return rows;
}

TEST(Denoise, SpikesGoAndFaultStepsStay) {
  const Dataset before = Recording();
  Dataset after = before;
  const auto reports = Denoise(after, {});
  ASSERT_TRUE(reports.ok()) << reports.status();
  for (const Eigen::Index column : {0, 1}) {
    for (const int row : kSpikeRows) {
      EXPECT_LT(after.runs[1].values(row, column), column == 0 ? 110 : 200) << row;
    }
    const std::vector<int> changed = Changed(before, after, column);
    // Beside the spikes at most a half percent: the tail of the noise itself, by construction.
    EXPECT_LT(changed.size(), kSpikeRows.size() + kRows / 100);
    EXPECT_LE(std::count_if(changed.begin(), changed.end(),
                            [](int row) { return row >= kFaultFrom + 1 && row < kFaultTo; }),
              1)
        << "only the row that begins the step is held";
  }
}

TEST(Denoise, OscillationOfTheBaselineStays) {
  const Dataset before = Recording();
  Dataset after = before;
  ASSERT_TRUE(Denoise(after, {}).ok());
  const std::vector<int> changed = Changed(before, after, 2);
  EXPECT_LE(changed.size(), 6u) << "of 1000 rows, half of them tips of the oscillation";
}

TEST(Denoise, InHindsightTheStepIsExact) {
  const Dataset before = Recording();
  Dataset after = before;
  DenoiseSettings settings;
  settings.hindsight = true;
  settings.longest_spike = 2;
  ASSERT_TRUE(Denoise(after, settings).ok());
  for (const int row : {kFaultFrom, kFaultFrom + 1, kFaultTo, kFaultTo + 1}) {
    EXPECT_EQ(after.runs[1].values(row, 0), before.runs[1].values(row, 0)) << row;
  }
  for (const int row : kSpikeRows) EXPECT_LT(after.runs[1].values(row, 0), 110);
}

TEST(Denoise, NothingOfTheTestRunsChangesWhatIsFitted) {
  Dataset plain = Recording();
  Dataset garbage = plain;
  garbage.runs[1].values.setRandom();
  garbage.runs[1].windows.clear();
  const auto a = Denoise(plain, {});
  const auto b = Denoise(garbage, {});
  ASSERT_TRUE(a.ok() && b.ok());
  for (size_t i = 0; i < a->size(); ++i) {
    EXPECT_EQ((*a)[i].fit.cleaning.threshold, (*b)[i].fit.cleaning.threshold);
    EXPECT_EQ((*a)[i].fit.cleaning.window, (*b)[i].fit.cleaning.window);
    EXPECT_EQ((*a)[i].fit.cleaning.longest_spike, (*b)[i].fit.cleaning.longest_spike);
  }
  EXPECT_EQ(plain.runs[0].values, garbage.runs[0].values);
}

TEST(Denoise, EqualsTheCleanerRowByRow) {
  const Dataset before = Recording();
  Dataset after = before;
  const auto reports = Denoise(after, {});
  ASSERT_TRUE(reports.ok());
  std::vector<ColumnCleaning> columns;
  for (const SeriesReport& report : *reports) columns.push_back(report.fit.cleaning);
  auto cleaner = Cleaner::Create(columns).value();
  for (Eigen::Index row = 0; row < kRows; ++row) {
    std::vector<float> values = {before.runs[1].values(row, 0), before.runs[1].values(row, 1),
                                 before.runs[1].values(row, 2)};
    cleaner->Step(absl::MakeSpan(values));
    for (Eigen::Index column = 0; column < 3; ++column) {
      EXPECT_EQ(values[static_cast<size_t>(column)], after.runs[1].values(row, column));
    }
  }
}

TEST(Denoise, TheMaskTellsSpikesFromShifts) {
  Dataset dataset = Recording();
  DenoiseSettings settings;
  settings.mask = true;
  const auto reports = Denoise(dataset, settings);
  ASSERT_TRUE(reports.ok());
  EXPECT_THAT(dataset.columns, ElementsAre("steady", "variable", "oscillating", "steady#mask",
                                           "variable#mask", "oscillating#mask"));
  const Matrix& values = dataset.runs[1].values;
  EXPECT_EQ(values(150, 3), static_cast<float>(RowMark::kSpike));
  EXPECT_EQ(values(kFaultFrom + 1, 3), static_cast<float>(RowMark::kShift));
  EXPECT_EQ(values(100, 3), 0);
  EXPECT_GT((*reports)[0].rows_inside, 0);
  EXPECT_LE((*reports)[0].repaired_inside, 1);
}

TEST(Denoise, EntitiesWithTheSameColumnsAreFittedApart) {
  Dataset dataset;
  dataset.columns = {"x"};
  dataset.runs = {RunOf("calm", {NoisySeries(500, 100, 2, 1)}),
                  RunOf("wild", {NoisySeries(500, 100, 60, 2)})};
  dataset.runs[0].entity = "calm";
  dataset.runs[1].entity = "wild";
  const auto reports = Denoise(dataset, {});
  ASSERT_TRUE(reports.ok());
  ASSERT_EQ(reports->size(), 2u);
  EXPECT_EQ((*reports)[0].fit.cleaning.window, 10);
  EXPECT_EQ((*reports)[1].fit.cleaning.window, 3);
}

TEST(Denoise, AnUnknownBaselineIsRefusedByName) {
  Dataset dataset = Recording();
  DenoiseSettings settings;
  settings.baseline = {"nobody"};
  EXPECT_THAT(std::string(Denoise(dataset, settings).status().message()), HasSubstr("\"nobody\""));
  settings.baseline = {};
  settings.longest_spike = 5;
  EXPECT_EQ(Denoise(dataset, settings).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ClassicDenoise, AWideWindowPenalisesAllItsRowsByAQuarter) {
  Dataset dataset;
  dataset.columns = {"cpu"};
  std::vector<float> values(50, 100);
  values[20] = 500;
  dataset.runs = {RunOf("a", {values})};
  const std::vector<ClassicReport> reports = DenoiseClassic(dataset, false);
  ASSERT_EQ(reports.size(), 1u);
  for (Eigen::Index row = 0; row < 50; ++row) {
    // One spike marks 2 w - 1 = 5 rows.
    const float factor = row >= 18 && row <= 22 ? 0.75F : 1.0F;
    EXPECT_EQ(dataset.runs[0].values(row, 0), factor * values[static_cast<size_t>(row)]) << row;
  }
  EXPECT_DOUBLE_EQ(reports[0].statistics.outlier_percent, 10);
  EXPECT_GT(reports[0].statistics.noise_reduction_percent, 20);
}

TEST(ClassicDenoise, SeriesWithoutAPositiveMeanAreNeverMarked) {
  std::vector<float> values(50, -100);
  values[20] = -500;
  const std::vector<bool> marked = ClassicOutliers(values, {});
  EXPECT_EQ(std::count(marked.begin(), marked.end(), true), 0);
}

TEST(ClassicDenoise, RetransmissionsHaveTheirOwnWindowAndThreshold) {
  const std::vector<float> counts = {0, 0, 1, 0, 2, 0, 0, 0};
  const ClassicParameters tcp = ClassicParametersFor("visits/tcp_retransmissions_rate", counts);
  EXPECT_EQ(tcp.window, 5);
  EXPECT_EQ(tcp.threshold, 0.65);
  EXPECT_TRUE(tcp.discrete);
  const std::vector<float> loads = NoisySeries(100, 50, 10, 1);
  const ClassicParameters cpu = ClassicParametersFor("visits/cpu_utilisation", loads);
  EXPECT_EQ(cpu.window, 3);
  EXPECT_EQ(cpu.threshold, 0.85);
  EXPECT_FALSE(cpu.discrete);
}

}  // namespace
}  // namespace grayling
