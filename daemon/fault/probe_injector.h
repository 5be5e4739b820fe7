#pragma once

#include <string>
#include <vector>

#include "daemon/fault/injector.h"
#include "daemon/guest/guests.h"

namespace grayling {

// Injects what acts on a service, natively or, when the order has arguments, by ChaosBlade, through
// our tool in the guest, `grayling-probe fault`. The tool keeps the dead-man's timer: it reverts by
// itself after the duration whatever happens to the daemon. Each method is one program run in the
// guest.
class ProbeInjector final : public Injector {
 public:
  explicit ProbeInjector(Guests& guests) : guests_(guests) {}

  bool Handles(const std::string& kind, const std::string& backend) const override;
  std::vector<std::string> UndoCommand(const FaultOrder& order) const override;
  absl::StatusOr<FaultEffect> Apply(const FaultOrder& order) override;
  absl::StatusOr<FaultEffect> Revert(const std::string& vm, const std::string& id) override;
  absl::StatusOr<std::vector<std::string>> Marks(const std::string& vm) override;

 private:
  // NOT_FOUND never: that is kept for "the guest does not know this fault".
  absl::StatusOr<ExecResult> RunProbe(const std::string& vm, const std::vector<std::string>& argv,
                                      absl::Duration timeout);

  Guests& guests_;
};

}  // namespace grayling
