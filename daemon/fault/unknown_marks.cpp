#include "daemon/fault/unknown_marks.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {

absl::Status UnknownMarks::RevertBy(Injector& injector, const std::string& vm,
                                    std::vector<std::string>& reverted) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<std::string> marks, injector.Marks(vm));
  for (const std::string& mark : marks) {
    const absl::StatusOr<FaultRecord> record = journal_.Get(absl::StrCat("faults/", mark));
    if (record.ok() && record->MayBeActive()) continue;  // somebody injects it at this moment
    GRAYLING_RETURN_IF_ERROR(injector.Revert(vm, mark).status());
    reverted.push_back(mark);
  }
  return absl::OkStatus();
}

absl::Status UnknownMarks::Revert(const std::string& vm, bool guest_is_silent,
                                  std::vector<std::string>& reverted) {
  GRAYLING_RETURN_IF_ERROR(guests_.ExecutorOf(vm).status());  // is there such a VM at all?
  absl::Status first_error;
  for (const std::unique_ptr<Injector>& injector : injectors_) {
    if (guest_is_silent && !injector->IsKeptOnHost()) continue;
    first_error.Update(RevertBy(*injector, vm, reverted));
  }
  return first_error;
}

std::vector<std::string> UnknownMarks::RevertOnHost() {
  std::vector<std::string> reverted;
  const absl::StatusOr<std::vector<FaultRecord>> known = journal_.List(false);
  if (!known.ok()) return reverted;
  std::set<std::string> vms;
  for (const FaultRecord& record : *known) vms.insert(record.vm);
  for (const std::unique_ptr<Injector>& injector : injectors_) {
    if (!injector->IsKeptOnHost()) continue;
    for (const std::string& vm : vms) {
      // What fails here is found again when all is reverted, which tells.
      RevertBy(*injector, vm, reverted).IgnoreError();
    }
  }
  return reverted;
}

}  // namespace grayling
