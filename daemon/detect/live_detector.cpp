#include "daemon/detect/live_detector.h"

#include <spdlog/spdlog.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/alignment.h"
#include "ml/core/detector.h"

namespace grayling {
namespace {

constexpr double kShortestPeriodS = 0.01;
constexpr double kLongestPeriodS = 3600;
constexpr absl::Duration kLateLogPause = absl::Minutes(1);

void LogFailure(const char* doing, const absl::Status& status) {
  if (!status.ok()) spdlog::error("{}: {}", doing, std::string(status.message()));
}

// The first whole multiple of `period` after `time`.
absl::Time NextMultiple(absl::Time time, absl::Duration period) {
  const int64_t step_ms = absl::ToInt64Milliseconds(period);
  return absl::FromUnixMillis((absl::ToUnixMillis(time) / step_ms + 1) * step_ms);
}

}  // namespace

// A model at work, with its view of the samples.
struct LiveDetector::Engine {
  Engine(std::string name, double row_s, std::unique_ptr<Detector> scorer)
      : model(std::move(name)), period_s(row_s), detector(std::move(scorer)) {
    StartOver();
    services = std::make_shared<const std::vector<std::string>>(detector->services());
    input.resize(detector->input_columns().size());
  }

  // Forgets all samples.
  void StartOver() {
    aligner.emplace(period_s);
    positions.clear();
  }

  // Puts the aligned row into the model's order.
  void FillInput() {
    if (placed_columns != aligner->columns().size() || positions.empty()) {
      positions = InputPositions(*detector, aligner->columns());
      placed_columns = aligner->columns().size();
    }
    for (size_t i = 0; i < input.size(); ++i) {
      input[i] = positions[i] < 0 ? std::numeric_limits<float>::quiet_NaN()
                                  : static_cast<float>(aligned[static_cast<size_t>(positions[i])]);
    }
  }

  const std::string model;
  const double period_s;
  std::optional<Aligner> aligner;
  const std::unique_ptr<Detector> detector;
  std::shared_ptr<const std::vector<std::string>> services;
  std::vector<double> aligned;
  size_t placed_columns = 0;
  std::vector<int> positions;  // in `aligned`, per input; -1: nobody reports it
  std::vector<float> input;
};

LiveDetector::LiveDetector(SampleStore& store, AlarmLog& alarms, ScoreFeed& feed, Clock& clock,
                           LiveDetectorSettings settings)
    : store_(store), alarms_(alarms), feed_(feed), clock_(clock), settings_(settings) {}

LiveDetector::~LiveDetector() { Stop(); }

void LiveDetector::Start() {
  LogFailure("alarms left open are not ended", alarms_.EndLeftOver(clock_.Now()));
  thread_ = std::thread([this] { RunLoop(); });
}

void LiveDetector::Stop() {
  if (!stop_.HasBeenNotified()) stop_.Notify();
  if (!thread_.joinable()) return;
  thread_.join();
  LogFailure("the end of an alarm is not recorded", alarms_.Clear(clock_.Now()));
}

void LiveDetector::RunLoop() {
  absl::Time row = clock_.Now() - settings_.lag;
  while (true) {
    const absl::Duration period = Period();
    const absl::Time now = clock_.Now();
    row = NextMultiple(row, period);
    if (row > now + period) row = NextMultiple(now - settings_.lag, period);  // it was set back
    if (!clock_.SleepUntil(row + settings_.lag, stop_)) return;
    RunRow(row);
  }
}

absl::Duration LiveDetector::Period() {
  absl::MutexLock lock(&mutex_);
  return period_;
}

absl::Status LiveDetector::Activate(const std::string& name, const Model& model) {
  if (!(model.period_s >= kShortestPeriodS && model.period_s <= kLongestPeriodS)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " has a period of ", model.period_s,
                                                   " s; it must be within ", kShortestPeriodS,
                                                   " and ", kLongestPeriodS));
  }
  GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<Detector> detector, Detector::Create(model));
  auto engine = std::make_unique<Engine>(name, model.period_s, std::move(detector));
  absl::MutexLock lock(&mutex_);
  next_engine_ = std::move(engine);
  period_ = absl::Milliseconds(std::llround(model.period_s * 1000));
  return absl::OkStatus();
}

void LiveDetector::OnBatch(const SampleBatch& batch) {
  absl::MutexLock lock(&mutex_);
  if (inbox_.size() >= settings_.inbox_batches) {
    dropped_samples_ += inbox_.front().series.size();
    ++dropped_batches_;
    inbox_.pop_front();
  }
  inbox_.push_back(batch);
}

size_t LiveDetector::TakeDropped() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(dropped_samples_, 0);
}

void LiveDetector::TakeNewEngine(absl::Time time) {
  std::unique_ptr<Engine> fresh;
  {
    absl::MutexLock lock(&mutex_);
    fresh = std::move(next_engine_);
  }
  if (fresh == nullptr) return;
  LogFailure("the end of an alarm is not recorded", alarms_.Clear(time));
  engine_ = std::move(fresh);
}

void LiveDetector::TakeSamples() {
  taken_.clear();
  {
    absl::MutexLock lock(&mutex_);
    taken_.swap(inbox_);
  }
  if (engine_ == nullptr) return;
  for (const SampleBatch& batch : taken_) {
    size_t late = 0;
    for (size_t i = 0; i < batch.series.size(); ++i) {
      const SeriesId id = batch.series[i];
      if (!engine_->aligner->Knows(id)) {
        const absl::StatusOr<std::string> text = store_.Text(id);
        if (!text.ok()) continue;
        engine_->aligner->AddSeries(id, *text);
      }
      if (absl::FromUnixMillis(batch.TimeOf(i)) <= closed_) ++late;
      engine_->aligner->Push(id, batch.TimeOf(i), batch.values[i]);
    }
    if (late > 0) CountLate(late, batch.target);
  }
}

void LiveDetector::CountLate(size_t samples, const std::string& target) {
  uint64_t late = 0;
  {
    absl::MutexLock lock(&mutex_);
    late = late_samples_ += samples;
  }
  const absl::Time now = clock_.Now();
  if (absl::AbsDuration(now - late_logged_) < kLateLogPause) return;
  late_logged_ = now;
  spdlog::warn(
      "{} samples so far came after their row was closed and were not scored, the last of {}", late,
      target);
}

void LiveDetector::RunRow(absl::Time time) {
  TakeNewEngine(time);
  if (time <= closed_) {
    closed_ = absl::InfinitePast();
    if (engine_ != nullptr) engine_->StartOver();
  }
  TakeSamples();
  if (engine_ == nullptr) return;
  closed_ = time;
  engine_->aligner->Emit(static_cast<double>(absl::ToUnixMillis(time)) / 1000, engine_->aligned);
  engine_->FillInput();
  const Verdict verdict = engine_->detector->Step(engine_->input);
  const absl::Span<const float> scores = engine_->detector->service_scores();
  const ScoreRow row{time, verdict.score, verdict.alarm, engine_->services,
                     std::vector<float>(scores.begin(), scores.end())};
  ReportAlarm(row, verdict.blamed);
  feed_.Publish(row);
  absl::MutexLock lock(&mutex_);
  latest_ = row;
}

void LiveDetector::ReportAlarm(const ScoreRow& row, int blamed) {
  if (!row.alarm) {
    LogFailure("the end of an alarm is not recorded", alarms_.Clear(row.time));
    return;
  }
  const std::string service = blamed < 0 ? "" : (*row.services)[static_cast<size_t>(blamed)];
  LogFailure("an alarm is not recorded",
             alarms_.Report(row.time, engine_->model, service, row.score));
}

std::optional<ScoreRow> LiveDetector::latest() {
  absl::MutexLock lock(&mutex_);
  return latest_;
}

uint64_t LiveDetector::late_samples() {
  absl::MutexLock lock(&mutex_);
  return late_samples_;
}

uint64_t LiveDetector::dropped_batches() {
  absl::MutexLock lock(&mutex_);
  return dropped_batches_;
}

}  // namespace grayling
