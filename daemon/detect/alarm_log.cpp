#include "daemon/detect/alarm_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

// Nothing, and a line in the log, when it cannot be read: one record must not hide the others.
std::optional<v1::Alarm> Parse(const Record& record) {
  v1::Alarm alarm;
  if (alarm.ParseFromString(record.body)) return alarm;
  spdlog::error("the record of {} cannot be read and is skipped", record.name);
  return std::nullopt;
}

}  // namespace

absl::Status AlarmLog::EndLeftOver(absl::Time now) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, records_.List());
  for (const Record& record : records) {
    std::optional<v1::Alarm> alarm = Parse(record);
    if (!alarm || alarm->has_end_time()) continue;
    ToProto(now, alarm->mutable_end_time());
    GRAYLING_RETURN_IF_ERROR(records_.Put(record.name, alarm->SerializeAsString(), now));
  }
  return absl::OkStatus();
}

absl::Status AlarmLog::Report(absl::Time time, const std::string& model, const std::string& service,
                              float score) {
  absl::MutexLock lock(&mutex_);
  if (!current_) {
    current_.emplace();
    current_->set_model(model);
    ToProto(time, current_->mutable_start_time());
  }
  if (score > current_->score()) {
    current_->set_score(score);
    current_->set_service(service);
  }
  return current_->name().empty() ? Begin(time) : absl::OkStatus();
}

absl::Status AlarmLog::Begin(absl::Time time) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t number, records_.NextNumber());
  v1::Alarm named = *current_;
  named.set_name(absl::StrCat("alarms/", number));
  GRAYLING_RETURN_IF_ERROR(records_.Put(named.name(), named.SerializeAsString(), time));
  current_ = std::move(named);
  return absl::OkStatus();
}

absl::Status AlarmLog::Clear(absl::Time time) {
  absl::MutexLock lock(&mutex_);
  if (!current_) return absl::OkStatus();
  ToProto(time, current_->mutable_end_time());
  const absl::Status status =
      current_->name().empty()
          ? Begin(time)
          : records_.Put(current_->name(), current_->SerializeAsString(), time);
  current_.reset();
  return status;
}

absl::StatusOr<std::vector<v1::Alarm>> AlarmLog::List() {
  absl::MutexLock lock(&mutex_);
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, records_.List());
  std::vector<v1::Alarm> alarms;
  for (const Record& record : records) {
    if (current_ && record.name == current_->name()) {
      alarms.push_back(*current_);
    } else if (std::optional<v1::Alarm> alarm = Parse(record)) {
      alarms.push_back(*std::move(alarm));
    }
  }
  std::reverse(alarms.begin(), alarms.end());
  return alarms;
}

}  // namespace grayling
