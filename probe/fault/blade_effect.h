#pragma once

#include <memory>
#include <string>

#include "probe/fault/blade_line.h"
#include "probe/fault/blade_look.h"
#include "probe/fault/effect.h"

namespace grayling::probe {

// A fault that ChaosBlade makes: the order's arguments are a whole `blade create` line.
//
// It is an effect of this tool, not a row of calls from the daemon, for the promises that natively
// made faults keep: the mark is on disk before blade is called, a keeper here in the guest destroys
// the experiment at its time though blade's own --timeout may not fire (chaosblade #418, operator
// #203), and `fault list`, `fault revert --all` and orphaned marks work alike.
//
// Nothing that blade says is believed alone: a created experiment must be in its records as a
// success and be seen by our own look (BladeLook); a destroyed one must not be seen any more,
// whatever `blade destroy` answered. What is left then is taken away by hand, at once and exactly.
class BladeEffect final : public Effect {
 public:
  static Result<std::unique_ptr<Effect>> Make(const FaultOrder& order);
  BladeEffect(BladeLine line, std::unique_ptr<BladeLook> look);

  Result<std::map<std::string, std::string>> ReadEarlier() override { return look_->ReadEarlier(); }
  Result<ReadBack> Apply() override;
  Status SetShare(double share) override;
  Status StillThere() override;
  Status Revert() override;

 private:
  // The answer of `blade ARGUMENTS...`.
  Result<nlohmann::json> Blade(std::vector<std::string> arguments, int timeout_ms) const;
  Status Destroy() const;
  // For what cannot be looked at: blade's record says that it is over, or there is none.
  Status ConfirmDestroyed(const Status& destroyed) const;
  // Looks until nothing is left, for half a second at most.
  Result<std::string> ResidueAfterWaiting() const;

  BladeLine line_;
  std::unique_ptr<BladeLook> look_;
  int seconds_unseen_ = 0;
  bool was_seen_ = false;  // by this object
};

}  // namespace grayling::probe
