#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace grayling {

// What the live detector found in one row.
struct ScoreRow {
  absl::Time time;
  float score = 0;
  bool alarm = false;
  std::shared_ptr<const std::vector<std::string>> services;
  std::vector<float> service_scores;  // one per service
};

// One reader's rows that it has not read yet. When it is full the oldest row is dropped and
// counted: a slow reader delays nobody. Thread-safe.
class ScoreQueue {
 public:
  enum class Outcome { kRow, kTimeout, kClosed };

  explicit ScoreQueue(size_t capacity) : capacity_(capacity) {}

  void Push(const ScoreRow& row);
  // Rows that are there still come after Close(), then kClosed.
  void Close();
  // Waits for a row, at most `timeout`. `dropped` is the number of rows missed so far.
  Outcome Next(absl::Duration timeout, ScoreRow& row, uint64_t& dropped);

 private:
  bool Ready() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || !rows_.empty(); }

  const size_t capacity_;
  absl::Mutex mutex_;
  std::deque<ScoreRow> rows_ ABSL_GUARDED_BY(mutex_);
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

// Hands every published row to all readers. A reader leaves by letting go of its queue.
// Thread-safe.
class ScoreFeed {
 public:
  explicit ScoreFeed(size_t queue_capacity = 256) : queue_capacity_(queue_capacity) {}

  // Rows from now on. After Close() the queue is closed from the start.
  std::shared_ptr<ScoreQueue> Watch();
  void Publish(const ScoreRow& row);
  // Ends all readers' streams, at shutdown.
  void Close();
  size_t readers();

 private:
  const size_t queue_capacity_;
  absl::Mutex mutex_;
  std::vector<std::weak_ptr<ScoreQueue>> queues_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace grayling
