#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/detect/alarm_log.h"
#include "daemon/detect/score_feed.h"
#include "daemon/metrics/sample_store.h"
#include "ml/core/model.h"

namespace grayling {

struct LiveDetectorSettings {
  // Rows are closed this long after their end, so that late scrapes are in.
  absl::Duration lag = absl::Seconds(2);
  // Batches that wait for the next row; beyond this the oldest are dropped and counted.
  size_t inbox_batches = 4096;
};

// Runs the active model on the samples as they come: aligns them into rows at whole multiples of
// the model's period, scores each row, keeps the alarm log and feeds the readers. Columns that the
// model wants and nobody reports are missing. It is the same Aligner and the same Detector as in
// batch scoring, so on the same samples the scores are the same bit for bit. Start, Stop and RunRow
// belong to one owner; all else may be called from any thread.
class LiveDetector final : public BatchListener {
 public:
  // All that is referred to must outlive the detector.
  LiveDetector(SampleStore& store, AlarmLog& alarms, ScoreFeed& feed, Clock& clock,
               LiveDetectorSettings settings = {});
  // Stops.
  ~LiveDetector() override;

  // Starts the thread that runs a row each period.
  void Start();
  // Ends it after the row under way, and an alarm that lasts with it. Idempotent.
  void Stop();

  // The model of the next row on, with a fresh state; an alarm of the former model ends there.
  // INVALID_ARGUMENT when the model's parts do not fit together.
  absl::Status Activate(const std::string& name, const Model& model);

  void OnBatch(const SampleBatch& batch) override;
  size_t TakeDropped() override;

  // Closes the row that ends at `time`. A time that does not increase (the clock was set back)
  // begins the rows anew. The thread's work; without Start() a test drives it.
  void RunRow(absl::Time time);

  // The last row; none before the first.
  std::optional<ScoreRow> latest();
  uint64_t dropped_batches();
  // Samples that came after the row they belong to was closed.
  uint64_t late_samples();

 private:
  struct Engine;

  void RunLoop();
  absl::Duration Period();
  void TakeNewEngine(absl::Time time);
  void TakeSamples();
  void CountLate(size_t samples, const std::string& target);
  void ReportAlarm(const ScoreRow& row, int blamed);

  SampleStore& store_;
  AlarmLog& alarms_;
  ScoreFeed& feed_;
  Clock& clock_;
  const LiveDetectorSettings settings_;

  std::unique_ptr<Engine> engine_;                 // of whoever runs the rows
  std::deque<SampleBatch> taken_;                  // likewise
  absl::Time closed_ = absl::InfinitePast();       // likewise: the end of the last row
  absl::Time late_logged_ = absl::InfinitePast();  // likewise

  absl::Mutex mutex_;
  std::unique_ptr<Engine> next_engine_ ABSL_GUARDED_BY(mutex_);
  absl::Duration period_ ABSL_GUARDED_BY(mutex_) = absl::Seconds(1);
  std::deque<SampleBatch> inbox_ ABSL_GUARDED_BY(mutex_);
  uint64_t dropped_batches_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t dropped_samples_ ABSL_GUARDED_BY(mutex_) = 0;  // not yet taken
  uint64_t late_samples_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<ScoreRow> latest_ ABSL_GUARDED_BY(mutex_);

  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace grayling
