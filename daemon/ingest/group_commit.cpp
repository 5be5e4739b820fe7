#include "daemon/ingest/group_commit.h"

#include <utility>

#include "absl/synchronization/notification.h"

namespace grayling {

GroupCommit::GroupCommit(SampleStore& store, absl::Duration pause)
    : store_(store), pause_(pause), thread_([this] { Loop(); }) {}

GroupCommit::~GroupCommit() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void GroupCommit::Notify(std::function<void(const absl::Status&)> done) {
  absl::MutexLock lock(&mutex_);
  waiting_.push_back(std::move(done));
}

absl::Status GroupCommit::Wait() {
  absl::Notification is_done;
  absl::Status result;
  Notify([&](const absl::Status& status) {
    result = status;
    is_done.Notify();
  });
  is_done.WaitForNotification();
  return result;
}

void GroupCommit::Loop() {
  std::vector<std::function<void(const absl::Status&)>> served;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &GroupCommit::HasWork));
      if (waiting_.empty()) return;
      served.swap(waiting_);
    }
    const absl::Status status = store_.Flush();
    for (const auto& done : served) done(status);
    served.clear();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &GroupCommit::IsStopping), pause_);
  }
}

}  // namespace grayling
