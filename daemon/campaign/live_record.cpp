#include "daemon/campaign/live_record.h"

#include <utility>

#include "base/proto_time.h"

namespace grayling {

bool CampaignSnapshot::HasEnded() const {
  return campaign.state() != v1::CAMPAIGN_STATE_RUNNING &&
         campaign.state() != v1::CAMPAIGN_STATE_PAUSED;
}

LiveRecord::LiveRecord(RecordStore& records, EventLog& events, Clock& clock, v1::Campaign record)
    : records_(records),
      events_(events),
      clock_(clock),
      name_(record.name()),
      snapshot_{std::move(record), 1} {}

void LiveRecord::Update(absl::FunctionRef<void(v1::Campaign&)> change) {
  absl::MutexLock changing(&changing_);
  CampaignSnapshot next = Snapshot();
  change(next.campaign);
  ++next.version;
  const absl::Status stored = records_.Put(name_, next.campaign.SerializeAsString(), clock_.Now());
  absl::MutexLock lock(&mutex_);
  store_status_.Update(stored);
  snapshot_ = std::move(next);
}

CampaignSnapshot LiveRecord::Snapshot() {
  absl::MutexLock lock(&mutex_);
  return snapshot_;
}

CampaignSnapshot LiveRecord::WaitForChange(uint64_t seen_version, absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto has_changed = [this, seen_version]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return snapshot_.version > seen_version;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&has_changed), timeout);
  return snapshot_;
}

absl::Status LiveRecord::StoreStatus() {
  absl::MutexLock lock(&mutex_);
  return store_status_;
}

void LiveRecord::Note(const std::string& text) {
  const absl::Time now = clock_.Now();
  const CampaignSnapshot snapshot = Snapshot();
  absl::Time guest_time = absl::InfinitePast();
  if (snapshot.campaign.has_clock_offset()) {
    guest_time = now + FromProto(snapshot.campaign.clock_offset());
  }
  events_.Append({now, name_, text, guest_time}).IgnoreError();
}

}  // namespace grayling
