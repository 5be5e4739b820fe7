#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/fault/injector.h"
#include "daemon/guest/guests.h"
#include "daemon/store/fault_journal.h"

namespace grayling {

// Finds and reverts marks of faults that have no live line in the journal: of a daemon whose
// database is lost, say. Thread-safe.
class UnknownMarks {
 public:
  UnknownMarks(FaultJournal& journal, Guests& guests,
               const std::vector<std::unique_ptr<Injector>>& injectors)
      : journal_(journal), guests_(guests), injectors_(injectors) {}

  // Adds the marks of `vm` that it reverts to `reverted`. An injector that fails does not keep the
  // others from it; the first error is returned. A silent guest is not asked.
  absl::Status Revert(const std::string& vm, bool guest_is_silent,
                      std::vector<std::string>& reverted);
  // Of every VM known to the journal, those that can be found without any guest.
  std::vector<std::string> RevertOnHost();

 private:
  absl::Status RevertBy(Injector& injector, const std::string& vm,
                        std::vector<std::string>& reverted);

  FaultJournal& journal_;
  Guests& guests_;
  const std::vector<std::unique_ptr<Injector>>& injectors_;
};

}  // namespace grayling
