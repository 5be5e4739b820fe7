#pragma once

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "daemon/store/records.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// A campaign's record at one moment. The version grows with each change.
struct CampaignSnapshot {
  v1::Campaign campaign;
  uint64_t version = 0;

  // False while it runs or is paused.
  bool HasEnded() const;
};

// The record of a campaign that is under way: every change is stored before it is shown.
// Thread-safe.
class LiveRecord {
 public:
  // `record` is stored already.
  LiveRecord(RecordStore& records, EventLog& events, Clock& clock, v1::Campaign record);

  void Update(absl::FunctionRef<void(v1::Campaign&)> change);
  CampaignSnapshot Snapshot();
  // Waits for a version above `seen_version`, at most `timeout`.
  CampaignSnapshot WaitForChange(uint64_t seen_version, absl::Duration timeout);
  // The first failure to store a change.
  absl::Status StoreStatus();

  // Tells the event log, with the instant in both clocks.
  void Note(const std::string& text);

  const std::string& name() const { return name_; }

 private:
  RecordStore& records_;
  EventLog& events_;
  Clock& clock_;
  const std::string name_;
  absl::Mutex changing_;  // one change at a time; taken before mutex_, held while it is stored
  absl::Mutex mutex_;
  CampaignSnapshot snapshot_ ABSL_GUARDED_BY(mutex_);
  absl::Status store_status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling
