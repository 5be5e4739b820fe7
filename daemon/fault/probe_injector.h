#pragma once

#include <string>
#include <vector>

#include "daemon/fault/injector.h"

namespace grayling {

// Injects every kind of the catalogue through our tool in the guest, `grayling-probe fault`. The
// tool keeps the dead-man's timer: it reverts by itself after the duration whatever happens to the
// daemon. Each method is one program run in the guest.
class ProbeInjector final : public Injector {
 public:
  bool Handles(const std::string& kind) const override;
  std::vector<std::string> UndoCommand(const FaultOrder& order) const override;
  absl::StatusOr<FaultEffect> Apply(Executor& executor, const FaultOrder& order) override;
  absl::StatusOr<FaultEffect> Revert(Executor& executor, const std::string& id) override;
  absl::StatusOr<std::vector<std::string>> Marks(Executor& executor) override;
};

}  // namespace grayling
