#include "ml/core/novelty.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/unit/ml/novelty_data.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr NoveltyMode kAllModes[] = {NoveltyMode::kAuto, NoveltyMode::kDistance,
                                     NoveltyMode::kForecast, NoveltyMode::kPca};

NoveltyModel Fit(const std::vector<const grayling::Run*>& runs,
                 NoveltyMode mode = NoveltyMode::kAuto) {
  auto model = FitNovelty(NumberedColumns(runs[0]->values.cols()), runs, {mode, 60, 1});
  EXPECT_TRUE(model.ok()) << model.status();
  return *std::move(model);
}

struct Scores {
  std::vector<float> strangeness;
  std::vector<float> scores;
  std::vector<bool> alarms;
};

Scores ScoreAll(const NoveltyModel& model, const Matrix& values) {
  auto scorer = NoveltyScorer::Create(model);
  EXPECT_TRUE(scorer.ok()) << scorer.status();
  Scores result;
  for (Eigen::Index r = 0; r < values.rows(); ++r) {
    const std::vector<float> row(values.row(r).begin(), values.row(r).end());
    result.scores.push_back((*scorer)->Step(row));
    result.strangeness.push_back((*scorer)->strangeness());
    result.alarms.push_back((*scorer)->alarm());
  }
  return result;
}

double Mean(const std::vector<float>& values, size_t begin, size_t end) {
  double sum = 0;
  for (size_t i = begin; i < end; ++i) sum += values[i];
  return sum / static_cast<double>(end - begin);
}

// The definition, column by column and in double precision, over whole series.
std::vector<double> SlowStrangeness(const NoveltyModel& model, const Matrix& values) {
  const auto columns = static_cast<Eigen::Index>(model.columns.size());
  Eigen::MatrixXd inputs(values.rows(), 2 * columns);
  for (Eigen::Index c = 0; c < columns; ++c) {
    const ColumnScale& scale = model.scales[static_cast<size_t>(c)];
    double reference = 0, mean = 0;
    bool seen = false;
    for (Eigen::Index r = 0; r < values.rows(); ++r) {
      double level = 0.97 * mean;
      if (std::isnan(values(r, c))) {
        mean = level;
      } else {
        const double z = (static_cast<double>(values(r, c)) - scale.median) / scale.scale;
        level = std::min(20.0, std::max(-20.0, z)) - reference;
        mean = seen ? 0.7 * mean + 0.3 * level : level;
        seen = true;
        reference += model.drift_rate * std::min(5.0, std::max(-5.0, level));
      }
      inputs(r, c) = level;
      inputs(r, columns + c) = level - mean;
    }
  }
  std::vector<double> result;
  for (Eigen::Index r = 0; r < values.rows(); ++r) {
    double sum = 0;
    for (const NoveltyPart& part : model.parts) {
      const Eigen::Index first = part.input == NoveltyInput::kChange ? columns : 0;
      const Eigen::VectorXd y =
          inputs.row(r).segment(first, part.mean.size()).transpose() - part.mean.cast<double>();
      Eigen::VectorXd rest = y;
      double q = 0;
      for (Eigen::Index k = 0; k < part.weights.size(); ++k) {
        const Eigen::VectorXd direction = part.directions.row(k).cast<double>();
        q += part.weights[k] * std::pow(direction.dot(y), 2);
        rest -= direction.dot(y) * direction;
      }
      sum += std::log1p((q + part.rest_weight * rest.squaredNorm()) / part.usual);
    }
    result.push_back(sum / static_cast<double>(model.parts.size()));
  }
  return result;
}

RC_GTEST_PROP(NoveltyScorerProperty, RowByRowItGivesWhatTheDefinitionGivesOnWholeSeries, ()) {
  const auto seed = *rc::gen::inRange<uint64_t>(0, 1'000'000);
  const auto columns = *rc::gen::inRange<Eigen::Index>(1, 7);
  const auto mode =
      *rc::gen::elementOf(std::vector<NoveltyMode>(std::begin(kAllModes), std::end(kAllModes)));
  const grayling::Run train = LoadedRun("train", 60, columns, seed);
  grayling::Run test = LoadedRun("test", 40, columns, seed + 1);
  for (float& value : test.values.reshaped()) {
    if (*rc::gen::inRange(0, 10) == 0) value = kMissing;
  }
  const NoveltyModel model = Fit({&train}, mode);
  const Scores scores = ScoreAll(model, test.values);
  const std::vector<double> slow = SlowStrangeness(model, test.values);
  for (size_t i = 0; i < slow.size(); ++i) {
    RC_ASSERT(std::abs(scores.strangeness[i] - slow[i]) < 2e-3 * (1 + slow[i]));
  }
}

TEST(NoveltyScorer, AfterAResetItHasForgottenEverything) {
  const grayling::Run train = LoadedRun("train", 200, 3, 1);
  const NoveltyModel model = Fit({&train});
  auto scorer = NoveltyScorer::Create(model);
  ASSERT_TRUE(scorer.ok());
  const std::vector<float> strange = {1e6F, -1e6F, 0};
  const std::vector<float> usual(train.values.row(7).begin(), train.values.row(7).end());
  const float fresh = (*scorer)->Step(usual);
  for (int i = 0; i < 20; ++i) (*scorer)->Step(strange);
  EXPECT_TRUE((*scorer)->alarm());
  EXPECT_NE((*scorer)->Step(usual), fresh);
  (*scorer)->Reset();
  EXPECT_EQ((*scorer)->Step(usual), fresh);
  EXPECT_FALSE((*scorer)->alarm());
}

TEST(NoveltyScorer, ScoresHalfAtTheThresholdAndAlarmsFromThere) {
  const grayling::Run train = LoadedRun("train", 400, 3, 1);
  NoveltyModel model = Fit({&train});
  ASSERT_EQ(model.alarm_votes, 1);
  model.usual_strangeness = -1;
  const Scores scores = ScoreAll(model, LoadedRun("test", 2000, 3, 2).values);
  int alarms = 0;
  for (size_t i = 0; i < scores.scores.size(); ++i) {
    EXPECT_EQ(scores.alarms[i], scores.scores[i] >= 0.5F);
    EXPECT_GE(scores.scores[i], 0);
    EXPECT_LT(scores.scores[i], 1);
    alarms += scores.alarms[i] ? 1 : 0;
  }
  EXPECT_GT(alarms, 0);
  EXPECT_LT(alarms, 200);
}

TEST(NoveltyScorer, RefusesPartsThatDoNotFitTogether) {
  const grayling::Run train = LoadedRun("train", 60, 3, 1);
  const NoveltyModel model = Fit({&train});
  const auto refusal = [](const NoveltyModel& broken) {
    return std::string(NoveltyScorer::Create(broken).status().message());
  };
  NoveltyModel broken = model;
  broken.scales.pop_back();
  EXPECT_THAT(refusal(broken), HasSubstr("2 scales for 3 columns"));
  broken = model;
  broken.parts[0].mean.resize(2);
  EXPECT_THAT(refusal(broken), HasSubstr("mean has 2 values for 3"));
  broken = model;
  broken.parts[1].directions.setConstant(kMissing);
  EXPECT_THAT(refusal(broken), HasSubstr("not finite"));
  broken = model;
  broken.alarm_votes = 9;
  EXPECT_THAT(refusal(broken), HasSubstr("9 of"));
  broken = model;
  broken.threshold = 0;
  EXPECT_THAT(refusal(broken), HasSubstr("threshold"));
}

TEST(Novelty, ALevelNeverSeenIsStrangeInEveryModeThatLooksAtLevels) {
  const grayling::Run train = LoadedRun("train", 500, 6, 1);
  grayling::Run test = LoadedRun("test", 200, 6, 2);
  const float unit = (train.values.col(4).maxCoeff() - train.values.col(4).minCoeff()) / 2;
  test.values.col(4).segment(100, 20).array() += 2 * unit;
  for (const NoveltyMode mode : {NoveltyMode::kAuto, NoveltyMode::kDistance, NoveltyMode::kPca}) {
    const Scores scores = ScoreAll(Fit({&train}, mode), test.values);
    EXPECT_GT(Mean(scores.strangeness, 100, 120), 3 * Mean(scores.strangeness, 0, 100))
        << NoveltyModeName(mode);
    EXPECT_TRUE(scores.alarms[105]) << NoveltyModeName(mode);
  }
}

TEST(Novelty, AForecastFindsAJumpWhenItHappens) {
  const grayling::Run train = LoadedRun("train", 500, 2, 1);
  grayling::Run test = LoadedRun("test", 200, 2, 2);
  test.values.col(0).tail(100).array() += 3 * train.values.col(0).maxCoeff();
  const Scores scores = ScoreAll(Fit({&train}, NoveltyMode::kForecast), test.values);
  EXPECT_GT(scores.strangeness[100], 5 * Mean(scores.strangeness, 0, 100));
  EXPECT_LT(Mean(scores.strangeness, 150, 200), 3 * Mean(scores.strangeness, 0, 100));
}

TEST(Novelty, ABrokenRelationIsStrangeThoughEveryValueIsUsual) {
  const grayling::Run train = LoadedRun("train", 1000, 6, 1);
  grayling::Run test = LoadedRun("test", 400, 6, 2);
  // Column 2 tells what it told at another time.
  test.values.col(2).segment(300, 50) = test.values.col(2).segment(100, 50).eval();
  const Scores scores = ScoreAll(Fit({&train}), test.values);
  EXPECT_GT(Mean(scores.strangeness, 300, 350), 1.5 * Mean(scores.strangeness, 0, 300));
}

TEST(Novelty, SlowDriftOfALevelIsFollowed) {
  const grayling::Run train = LoadedRun("train", 600, 3, 1);
  grayling::Run drifting = LoadedRun("test", 3000, 3, 2);
  const float spread = train.values.col(1).maxCoeff() - train.values.col(1).minCoeff();
  for (Eigen::Index r = 0; r < 3000; ++r) {
    drifting.values(r, 1) += spread * static_cast<float>(r) / 1000;
  }
  NoveltyModel model = Fit({&train});
  const Scores followed = ScoreAll(model, drifting.values);
  model.drift_rate = 0;
  const Scores rigid = ScoreAll(model, drifting.values);
  EXPECT_LT(Mean(followed.strangeness, 2000, 3000), 2 * Mean(followed.strangeness, 0, 200));
  EXPECT_GT(Mean(rigid.strangeness, 2000, 3000), 5 * Mean(rigid.strangeness, 0, 200));
}

TEST(Novelty, AnAlarmEndsThoughAChangeLasts) {
  const grayling::Run train = LoadedRun("train", 600, 4, 1);
  grayling::Run test = LoadedRun("test", 3000, 4, 2);
  const float range = train.values.col(2).maxCoeff() - train.values.col(2).minCoeff();
  test.values.col(2).tail(2800).array() += 2 * range;
  NoveltyModel model = Fit({&train});
  const auto alarm_rows = [&](size_t begin, size_t end) {
    const Scores scores = ScoreAll(model, test.values);
    return std::count(scores.alarms.begin() + static_cast<std::ptrdiff_t>(begin),
                      scores.alarms.begin() + static_cast<std::ptrdiff_t>(end), true);
  };
  EXPECT_EQ(alarm_rows(203, 220), 17);
  EXPECT_LT(alarm_rows(2000, 3000), 100);
  // Without following, it would stand as long as the reference of the levels needs.
  const auto followed = alarm_rows(200, 1000);
  model.usual_strangeness = -1;
  EXPECT_GT(alarm_rows(200, 1000), followed + 50);
}

TEST(Novelty, ConstantAndBinaryColumnsMayMove) {
  grayling::Run train = LoadedRun("train", 300, 4, 1);
  train.values.col(1).setConstant(7e6F);
  train.values.col(2).setZero();
  for (Eigen::Index r = 0; r < 300; r += 50) train.values(r, 2) = 1;
  grayling::Run test = LoadedRun("test", 100, 4, 2);
  test.values.col(1).setConstant(7e6F);
  test.values.col(2).setZero();
  test.values(60, 1) = 0;
  test.values(61, 1) = std::numeric_limits<float>::infinity();
  for (const NoveltyMode mode : kAllModes) {
    const Scores scores = ScoreAll(Fit({&train}, mode), test.values);
    for (const float score : scores.scores) ASSERT_TRUE(std::isfinite(score));
    EXPECT_GT(scores.strangeness[60], 3 * Mean(scores.strangeness, 0, 60)) << NoveltyModeName(mode);
  }
}

TEST(Novelty, ColumnsWithoutTrainingValuesAreLeftOut) {
  grayling::Run train = LoadedRun("train", 300, 3, 1);
  train.values.col(1).setConstant(kMissing);
  EXPECT_THAT(Fit({&train}).columns, ElementsAre("c0", "c2"));
}

TEST(Novelty, AColumnThatVanishesIsNoAlarm) {
  const grayling::Run train = LoadedRun("train", 600, 5, 1);
  grayling::Run test = LoadedRun("test", 300, 5, 2);
  test.values.col(3).tail(200).setConstant(kMissing);
  const Scores scores = ScoreAll(Fit({&train}), test.values);
  EXPECT_LT(Mean(scores.strangeness, 200, 300), 2 * Mean(scores.strangeness, 0, 100));
}

TEST(Novelty, WindowsOfTrainingRunsAreNotLookedAt) {
  grayling::Run train = LoadedRun("train", 200, 3, 1);
  const NoveltyModel blind = Fit({&train});
  train.windows = {{0, 6000, "x", "", "", std::nullopt, {}}};
  const NoveltyModel labelled = Fit({&train});
  EXPECT_EQ(blind.threshold, labelled.threshold);
  ASSERT_EQ(blind.parts.size(), labelled.parts.size());
  for (size_t i = 0; i < blind.parts.size(); ++i) {
    EXPECT_EQ(blind.parts[i].weights, labelled.parts[i].weights);
    EXPECT_EQ(blind.parts[i].directions, labelled.parts[i].directions);
  }
}

TEST(Novelty, HundredsOfColumnsKeepTheLeadingDirectionsOnly) {
  const grayling::Run train = LoadedRun("train", 120, 320, 1);
  grayling::Run test = LoadedRun("test", 60, 320, 2);
  const NoveltyModel model = Fit({&train});
  ASSERT_EQ(model.parts.size(), 2u);
  EXPECT_EQ(model.parts[1].mean.size(), 640);
  EXPECT_EQ(model.parts[1].directions.rows(), 128);
  for (Eigen::Index c = 0; c < 10; ++c) {
    test.values.col(c).tail(20).array() += 3 * train.values.col(c).cwiseAbs().maxCoeff();
  }
  const Scores scores = ScoreAll(model, test.values);
  EXPECT_GT(Mean(scores.strangeness, 40, 60), 1.5 * Mean(scores.strangeness, 0, 40));
}

TEST(Novelty, SaysWhyItCannotFit) {
  const grayling::Run few = LoadedRun("few", 7, 2, 1);
  EXPECT_THAT(std::string(FitNovelty(NumberedColumns(2), {&few}, {}).status().message()),
              HasSubstr("7 training rows and at least 8"));
  EXPECT_THAT(std::string(FitNovelty(NumberedColumns(3), {&few}, {}).status().message()),
              HasSubstr("the run few has 2 columns, not 3"));
  grayling::Run empty = LoadedRun("empty", 30, 2, 1);
  empty.values.setConstant(kMissing);
  EXPECT_THAT(std::string(FitNovelty(NumberedColumns(2), {&empty}, {}).status().message()),
              HasSubstr("no column has a value"));
}

TEST(NoveltyMode, IsReadByItsNameAndRefusedWithTheChoices) {
  for (const NoveltyMode mode : kAllModes) {
    EXPECT_EQ(*ParseNoveltyMode(NoveltyModeName(mode)), mode);
  }
  EXPECT_THAT(std::string(ParseNoveltyMode("magic").status().message()),
              HasSubstr("auto, distance, forecast or pca"));
}

}  // namespace
}  // namespace grayling
