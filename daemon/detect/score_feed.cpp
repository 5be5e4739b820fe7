#include "daemon/detect/score_feed.h"

#include <utility>

namespace grayling {

void ScoreQueue::Push(const ScoreRow& row) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return;
  if (rows_.size() == capacity_) {
    rows_.pop_front();
    ++dropped_;
  }
  rows_.push_back(row);
}

void ScoreQueue::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

ScoreQueue::Outcome ScoreQueue::Next(absl::Duration timeout, ScoreRow& row, uint64_t& dropped) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &ScoreQueue::Ready), timeout);
  dropped = dropped_;
  if (rows_.empty()) return closed_ ? Outcome::kClosed : Outcome::kTimeout;
  row = std::move(rows_.front());
  rows_.pop_front();
  return Outcome::kRow;
}

std::shared_ptr<ScoreQueue> ScoreFeed::Watch() {
  auto queue = std::make_shared<ScoreQueue>(queue_capacity_);
  absl::MutexLock lock(&mutex_);
  if (closed_) {
    queue->Close();
  } else {
    queues_.push_back(queue);
  }
  return queue;
}

void ScoreFeed::Publish(const ScoreRow& row) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(queues_, [](const auto& queue) { return queue.expired(); });
  for (const auto& reference : queues_) {
    if (const auto queue = reference.lock()) queue->Push(row);
  }
}

void ScoreFeed::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  for (const auto& reference : queues_) {
    if (const auto queue = reference.lock()) queue->Close();
  }
}

size_t ScoreFeed::readers() {
  absl::MutexLock lock(&mutex_);
  std::erase_if(queues_, [](const auto& queue) { return queue.expired(); });
  return queues_.size();
}

}  // namespace grayling
