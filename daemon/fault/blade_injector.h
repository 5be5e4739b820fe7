#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/fault/blade_command.h"
#include "daemon/fault/injector.h"
#include "daemon/fault/probe_injector.h"
#include "daemon/guest/guests.h"

namespace grayling {

// Injects through ChaosBlade's `blade` in the guest: native kinds that it has too, jvm.*, and kind
// blade. The daemon never calls blade itself. It writes the line and hands it to our tool in the
// guest, which runs it under a keeper, judges blade's answers, looks for the effect and for residue
// itself, and destroys the experiment at its time, daemon or not (probe/fault/blade_effect.h). One
// program run in the guest for each method, as with native faults.
class BladeInjector final : public Injector {
 public:
  // `blade_path`: where blade is in the guests; $PATH is tried after it.
  explicit BladeInjector(Guests& guests, std::string blade_path = kBladePath)
      : probe_(guests), blade_path_(std::move(blade_path)) {}

  bool Handles(const std::string& kind, const std::string& backend) const override;
  std::vector<std::string> UndoCommand(const FaultOrder& order) const override;
  // INVALID_ARGUMENT, and nothing is done, when blade cannot do what is asked.
  absl::StatusOr<FaultEffect> Apply(const FaultOrder& order) override;
  absl::StatusOr<FaultEffect> Revert(const std::string& vm, const std::string& id) override;
  // None: they are marks of the guest's tool, which the native injector lists with its own.
  absl::StatusOr<std::vector<std::string>> Marks(const std::string& vm) override;

 private:
  ProbeInjector probe_;
  std::string blade_path_;
};

}  // namespace grayling
