#pragma once

#include <set>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/metrics/scrape_target.h"
#include "gtest/gtest.h"

namespace grayling {

// Counts reports, so that a test can wait for the next one.
class ReportLog final : public ScrapeObserver {
 public:
  void OnScrape(const ScrapeTargetStatus& status) override {
    absl::MutexLock lock(&mutex_);
    last_ = status;
    ++count_;
    if (status.up) up_.insert(status.settings.name);
  }
  void OnTargetRemoved(const std::string& name) override {
    absl::MutexLock lock(&mutex_);
    removed_ = name;
  }
  // The status of the `count`-th report or a later one.
  ScrapeTargetStatus WaitFor(int count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] {
      mutex_.AssertReaderHeld();
      return count_ >= count;
    };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(30)));
    return last_;
  }
  // Until so many targets have been up.
  void WaitForUp(size_t targets) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] {
      mutex_.AssertReaderHeld();
      return up_.size() >= targets;
    };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(30)));
  }
  std::string removed() {
    absl::MutexLock lock(&mutex_);
    return removed_;
  }

 private:
  absl::Mutex mutex_;
  ScrapeTargetStatus last_ ABSL_GUARDED_BY(mutex_);
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<std::string> up_ ABSL_GUARDED_BY(mutex_);
  std::string removed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
