#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/database.h"

namespace grayling {

// A named document of one collection ("vms", "campaigns", "scrape_targets", "models", "alarms"):
// the serialised proto that its room reads and writes. The room owns the meaning, the store the
// durability.
struct Record {
  std::string name;  // vms/lab
  std::string body;  // bytes
  absl::Time created = absl::InfinitePast();
};

// Documents of one collection, keyed by name. Thread-safe.
class RecordStore {
 public:
  RecordStore(Database& database, std::string collection)
      : database_(database), collection_(std::move(collection)) {}

  // Inserts or replaces; the first creation time is kept.
  absl::Status Put(const std::string& name, absl::string_view body, absl::Time now);
  // NOT_FOUND with the collection's name in the sentence.
  absl::StatusOr<Record> Get(const std::string& name);
  // Oldest first.
  absl::StatusOr<std::vector<Record>> List();
  // NOT_FOUND when it is not there.
  absl::Status Delete(const std::string& name);
  // Next integer of this collection, from 1; never given twice.
  absl::StatusOr<int64_t> NextNumber();

 private:
  Database& database_;
  const std::string collection_;
};

// A thing that happened, in the recording's clock.
struct Event {
  absl::Time time;
  std::string subject;  // campaigns/..., faults/..., vms/...
  std::string text;
  // The same instant in the guest's clock; InfinitePast when it was not measured.
  absl::Time guest_time = absl::InfinitePast();
};

// Append-only log of events. Thread-safe.
class EventLog {
 public:
  explicit EventLog(Database& database) : database_(database) {}
  absl::Status Append(const Event& event);
  // Events with from <= time < to, oldest first.
  absl::StatusOr<std::vector<Event>> Between(absl::Time from, absl::Time to);

 private:
  Database& database_;
};

}  // namespace grayling
