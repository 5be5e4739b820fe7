#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/campaign/grafana_client.h"
#include "daemon/fault/fault_observer.h"

namespace grayling {

// Faults as Grafana annotations: one is created at a fault's verified start, with the tags
// grayling, kind, service, campaign and fault:NAME, and closed at its end. Faults by hand, and
// those of campaigns that were named. All requests are made by a thread of its own, in order, and
// never delay a fault. What Grafana does not take is tried again with growing pauses for an hour,
// then dropped; so is the oldest of more than 1000 waiting, and at once what Grafana refuses. What
// is dropped is counted and logged. Thread-safe.
class GrafanaAnnotations final : public FaultObserver {
 public:
  GrafanaAnnotations(GrafanaClient& client, Clock& clock);
  // Tries what is waiting once more, for at most 5 s.
  ~GrafanaAnnotations() override;

  // From now on the faults of that campaign are annotated.
  void AddCampaign(const std::string& name);

  void OnVerified(const FaultRecord& fault) override;
  // A fault that an earlier daemon began is closed when its annotation is found by its tag.
  void OnEnded(const FaultRecord& fault) override;

  // Requests that were given up since the start.
  uint64_t dropped();
  // Returns when nothing waits, or after the timeout.
  bool WaitUntilDone(absl::Duration timeout);

 private:
  struct Job {
    std::string fault;
    Annotation annotation;
    bool is_end = false;
    bool was_begun_here = false;  // of an end: when there is no such annotation, it is made
    absl::Time queued;
  };

  void Queue(Job job);
  void Loop();
  absl::Status Do(const Job& job);
  absl::Status DoEnd(const Job& job);
  void Drop(const Job& job, const absl::Status& why);

  GrafanaClient& client_;
  Clock& clock_;
  std::map<std::string, int64_t> ids_;  // by fault; the thread's own

  absl::Mutex mutex_;
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> campaigns_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> begun_ ABSL_GUARDED_BY(mutex_);  // faults whose start was queued
  uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Notification stop_;
  std::thread thread_;
};

}  // namespace grayling
