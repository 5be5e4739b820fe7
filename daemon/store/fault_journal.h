#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/store/database.h"

namespace grayling {

enum class FaultState {
  kPlanned = 1,
  kArmed,
  kApplied,
  kVerified,
  kReverting,
  kReverted,
  kFailed,
  kResidue,
};

absl::string_view FaultStateName(FaultState state);

// One fault's line in the journal. `undo` says how to take it back without any other knowledge.
struct FaultRecord {
  std::string name;  // faults/20260301T101500-3
  std::string kind;
  std::string vm;  // vms/lab
  std::string service;
  std::map<std::string, double> parameters;
  std::map<std::string, std::string> options;
  std::string shape = "constant";      // ShapeText()
  std::string backend = "native";      // or chaosblade
  std::vector<std::string> arguments;  // kind blade only
  absl::Duration duration;
  FaultState state = FaultState::kPlanned;
  std::string undo;  // JSON argv of the guest command that reverts it
  std::string reason;
  std::string campaign;  // empty when injected by hand
  absl::Time created = absl::InfinitePast();
  absl::Time verified = absl::InfinitePast();
  absl::Time reverted = absl::InfinitePast();

  // True while something of it may still act in the guest.
  bool MayBeActive() const {
    return state != FaultState::kReverted && state != FaultState::kFailed;
  }
};

// The write-ahead journal of faults. Put() returns only when the record is on disk. Thread-safe.
class FaultJournal {
 public:
  explicit FaultJournal(Database& database) : database_(database) {}

  // Inserts or replaces by name.
  absl::Status Put(const FaultRecord& record);
  // NOT_FOUND when no fault has that name.
  absl::StatusOr<FaultRecord> Get(const std::string& name);
  // Newest first. `active_only` keeps those that MayBeActive().
  absl::StatusOr<std::vector<FaultRecord>> List(bool active_only);

 private:
  Database& database_;
};

}  // namespace grayling
