#include "daemon/detect/live_detector.h"

#include <cstring>
#include <random>

#include "daemon/detect/recording.h"
#include "detect_fixture.h"
#include "ml/core/detector.h"

namespace grayling {
namespace {

class LiveDetectorTest : public DetectFixture {
 protected:
  void Activate(const std::string& name, const Model& model) {
    const absl::Status status = detector_->Activate(name, model);
    ASSERT_TRUE(status.ok()) << status;
  }
};

TEST_F(LiveDetectorTest, WithoutAModelThereAreNoScores) {
  RowWith(1, 9, 9);
  EXPECT_FALSE(detector_->latest().has_value());
}

TEST_F(LiveDetectorTest, TheScoreIsThatOfTheServiceMostToBlame) {
  Activate("models/1", TwoServiceModel());
  const ScoreRow calm = RowWith(1, 0, 0);
  EXPECT_EQ(calm.time, At(1));
  EXPECT_LT(calm.score, 0.1);
  EXPECT_FALSE(calm.alarm);
  const ScoreRow bad = RowWith(2, 0, 5);
  EXPECT_GT(bad.score, 0.8);
  EXPECT_TRUE(bad.alarm);
  EXPECT_EQ(*bad.services, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(bad.service_scores[1], bad.score);
  EXPECT_LT(bad.service_scores[0], 0.1);
}

TEST_F(LiveDetectorTest, AnAlarmIsLoggedFromItsFirstRowToItsFirstCalmRow) {
  Activate("models/4", TwoServiceModel());
  RowWith(1, 0, 0);
  RowWith(2, 5, 0);
  RowWith(3, 6, 0);
  RowWith(4, 0, 0);
  RowWith(5, 0, 0);
  const auto alarms = alarms_->List();
  ASSERT_TRUE(alarms.ok());
  ASSERT_EQ(alarms->size(), 1u);
  const v1::Alarm& alarm = alarms->front();
  EXPECT_EQ(alarm.model(), "models/4");
  EXPECT_EQ(alarm.service(), "a");
  EXPECT_EQ(alarm.start_time().seconds(), kStartS + 2);
  EXPECT_EQ(alarm.end_time().seconds(), kStartS + 4);
}

TEST_F(LiveDetectorTest, ColumnsThatNobodyReportsAreMissing) {
  Activate("models/1", TwoServiceModel());
  detector_->OnBatch(store_.Batch(kStartS * 1000 + 500, {{"noise", 1}, {LoadOf("b"), 5}}));
  detector_->RunRow(At(1));
  ASSERT_TRUE(detector_->latest().has_value());
  EXPECT_GT(detector_->latest()->service_scores[1], 0.8);
  EXPECT_EQ(detector_->latest()->service_scores[0], 0);
}

TEST_F(LiveDetectorTest, ANewModelRunsFromTheNextRowAndEndsTheAlarmOfTheOld) {
  Activate("models/1", TwoServiceModel());
  RowWith(1, 5, 0);
  Model deaf = TwoServiceModel();
  deaf.network.head_weights.setZero();
  Activate("models/2", deaf);
  EXPECT_TRUE(detector_->latest()->alarm);
  EXPECT_FALSE(RowWith(2, 5, 0).alarm);
  EXPECT_EQ(alarms_->List()->front().end_time().seconds(), kStartS + 2);
}

TEST_F(LiveDetectorTest, AModelThatCannotRunLeavesTheOldOneAtWork) {
  Activate("models/1", TwoServiceModel());
  Model broken = TwoServiceModel();
  broken.period_s = 0;
  EXPECT_EQ(detector_->Activate("models/2", broken).code(), absl::StatusCode::kInvalidArgument);
  broken = TwoServiceModel();
  broken.network.head_weights.resize(3);
  EXPECT_EQ(detector_->Activate("models/2", broken).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(RowWith(1, 5, 0).alarm);
}

TEST_F(LiveDetectorTest, AFullInboxDropsTheOldestBatchesAndCountsThem) {
  LiveDetector small(store_, *alarms_, feed_, clock_, {.inbox_batches = 2});
  ASSERT_TRUE(small.Activate("models/1", TwoServiceModel()).ok());
  small.OnBatch(store_.Batch(kStartS * 1000 + 100, {{LoadOf("a"), 5}}));
  small.OnBatch(store_.Batch(kStartS * 1000 + 200, {{LoadOf("b"), 0}}));
  small.OnBatch(store_.Batch(kStartS * 1000 + 300, {{LoadOf("b"), 0}}));
  small.RunRow(At(1));
  EXPECT_EQ(small.dropped_batches(), 1u);
  EXPECT_EQ(small.TakeDropped(), 1u);
  EXPECT_EQ(small.TakeDropped(), 0u);
  EXPECT_EQ(small.latest()->service_scores[0], 0);
}

TEST_F(LiveDetectorTest, SamplesThatComeAfterTheirRowWasClosedAreCounted) {
  Activate("models/1", TwoServiceModel());
  RowWith(1, 0, 0);
  EXPECT_EQ(detector_->late_samples(), 0u);
  detector_->OnBatch(store_.Batch(kStartS * 1000 + 1000, {{LoadOf("a"), 5}, {LoadOf("b"), 5}}));
  EXPECT_FALSE(RowWith(2, 0, 0).alarm);
  EXPECT_EQ(detector_->late_samples(), 2u);
}

TEST_F(LiveDetectorTest, SamplesOfOneBatchMayBeOfSeveralInstants) {
  Activate("models/1", TwoServiceModel());
  RowWith(1, 0, 0);
  SampleBatch batch =
      store_.Batch(kStartS * 1000 + 500, {{LoadOf("a"), 5}, {LoadOf("a"), 0}, {LoadOf("b"), 5}});
  batch.times_ms = {batch.time_ms, batch.time_ms + 1000, batch.time_ms + 2000};
  detector_->OnBatch(batch);
  detector_->RunRow(At(2));
  EXPECT_LT(detector_->latest()->service_scores[0], 0.1);
  EXPECT_EQ(detector_->late_samples(), 1u);
  detector_->RunRow(At(3));
  EXPECT_GT(detector_->latest()->service_scores[1], 0.8);
}

TEST_F(LiveDetectorTest, AClockThatWasSetBackBeginsTheRowsAnew) {
  Activate("models/1", TwoServiceModel());
  RowWith(4000, 0, 0);
  EXPECT_TRUE(RowWith(400, 5, 0).alarm);
  EXPECT_TRUE(RowWith(401, 5, 0).alarm);
  EXPECT_EQ(detector_->late_samples(), 0u);
}

// The promise "one pipeline, two drivers".
TEST_F(LiveDetectorTest, LiveScoresEqualBatchScoresBitForBit) {
  Model model = TwoServiceModel();
  model.input_columns = {"b/load", "a/load", "a/errors_rate", "b/wait_mean"};
  model.scales = {{1, 2}, {0, 1}, {0, 3}, {1, 1}};
  model.features = {"value(load)"};
  Activate("models/1", model);
  const auto queue = feed_.Watch();
  std::mt19937 random(7);
  std::uniform_real_distribution<double> load(-1, 6);
  std::vector<ScoreRow> live;
  double errors = 0;
  for (int second = 1; second <= 200; ++second) {
    for (const int offset_ms : {137, 520, 990}) {
      if (random() % 4 == 0) continue;
      errors += static_cast<double>(random() % 5);
      const SampleBatch batch = store_.Batch((kStartS + second - 1) * 1000 + offset_ms,
                                             {{LoadOf(random() % 2 == 0 ? "a" : "b"), load(random)},
                                              {"errors_total{service=\"a\"}", errors},
                                              {"wait_sum{service=\"b\"}", errors * 0.37},
                                              {"wait_count{service=\"b\"}", errors}});
      ASSERT_TRUE(store_.Append(batch).ok());
      detector_->OnBatch(batch);
    }
    detector_->RunRow(At(second));
    live.push_back(*detector_->latest());
  }

  const auto recording = Recording::Open(store_, At(0), At(200), absl::Seconds(1));
  ASSERT_TRUE(recording.ok()) << recording.status();
  auto batch_detector = Detector::Create(model);
  ASSERT_TRUE(batch_detector.ok());
  const std::vector<int> positions = InputPositions(**batch_detector, recording->columns());
  size_t at = 0;
  const absl::Status status =
      recording->ForEachRow([&](double time_s, absl::Span<const double> values) {
        std::vector<float> input;
        for (const int position : positions) {
          input.push_back(position < 0 ? std::nanf("") : static_cast<float>(values[position]));
        }
        const Verdict verdict = (*batch_detector)->Step(input);
        const ScoreRow& row = live[at++];
        EXPECT_EQ(absl::ToUnixMillis(row.time), static_cast<int64_t>(time_s * 1000));
        EXPECT_EQ(std::memcmp(&row.score, &verdict.score, sizeof(float)), 0);
        EXPECT_EQ(row.alarm, verdict.alarm);
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(at, live.size());
}

// Lets a thread sleep a given number of times, each sleep jumping to its deadline, then holds it.
// Is set back by an hour after the sleep `set_back`, from 1.
class StepClock final : public Clock {
 public:
  StepClock(absl::Time start, int sleeps, int set_back = 0)
      : now_(start), sleeps_(sleeps), until_set_back_(set_back) {}
  absl::Time Now() override {
    absl::MutexLock lock(&mutex_);
    return now_;
  }
  bool SleepUntil(absl::Time deadline, const absl::Notification& stop) override {
    {
      absl::MutexLock lock(&mutex_);
      if (sleeps_-- > 0) {
        now_ = --until_set_back_ == 0 ? deadline - absl::Hours(1) : deadline;
        return true;
      }
    }
    stop.WaitForNotification();
    return false;
  }

 private:
  absl::Mutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_);
  int sleeps_ ABSL_GUARDED_BY(mutex_);
  int until_set_back_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(LiveDetectorTest, ItsThreadClosesEachWholePeriodAfterTheLag) {
  StepClock clock(At(0) + absl::Milliseconds(300), 3);
  LiveDetector detector(store_, *alarms_, feed_, clock, {.lag = absl::Milliseconds(700)});
  Model model = TwoServiceModel();
  model.period_s = 2;
  ASSERT_TRUE(detector.Activate("models/1", model).ok());
  const auto queue = feed_.Watch();
  detector.Start();
  ScoreRow row;
  uint64_t dropped = 0;
  for (const int second : {0, 2, 4}) {
    ASSERT_EQ(queue->Next(absl::Seconds(30), row, dropped), ScoreQueue::Outcome::kRow);
    EXPECT_EQ(row.time, At(second));
  }
  detector.Stop();
  EXPECT_EQ(clock.Now(), At(4) + absl::Milliseconds(700));
}

TEST_F(LiveDetectorTest, ItsThreadGoesOnFromTheNewTimeWhenTheClockIsSetBack) {
  StepClock clock(At(0) + absl::Milliseconds(300), 4, 2);
  LiveDetector detector(store_, *alarms_, feed_, clock, {.lag = absl::Milliseconds(700)});
  ASSERT_TRUE(detector.Activate("models/1", TwoServiceModel()).ok());
  const auto queue = feed_.Watch();
  detector.Start();
  ScoreRow row;
  uint64_t dropped = 0;
  for (const int second : {0, 1, 2 - 3600, 3 - 3600}) {
    ASSERT_EQ(queue->Next(absl::Seconds(30), row, dropped), ScoreQueue::Outcome::kRow);
    EXPECT_EQ(row.time, At(second));
  }
  detector.Stop();
}

TEST_F(LiveDetectorTest, StoppingEndsTheAlarmThatLasts) {
  StepClock clock(At(0), 1);
  LiveDetector detector(store_, *alarms_, feed_, clock, {.lag = absl::Seconds(1)});
  ASSERT_TRUE(detector.Activate("models/1", TwoServiceModel()).ok());
  const auto queue = feed_.Watch();
  detector.OnBatch(store_.Batch(kStartS * 1000, {{LoadOf("a"), 5}}));
  detector.Start();
  ScoreRow row;
  uint64_t dropped = 0;
  ASSERT_EQ(queue->Next(absl::Seconds(30), row, dropped), ScoreQueue::Outcome::kRow);
  ASSERT_TRUE(row.alarm);
  detector.Stop();
  EXPECT_TRUE(alarms_->List()->front().has_end_time());
}

}  // namespace
}  // namespace grayling
