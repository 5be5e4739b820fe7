#include "vmfault/machine_pause.h"

namespace grayling::vmfault {

Result<Earlier> MachinePause::Look(Machine& machine) {
  const Result<RunState> state = machine.State();
  if (!state.ok()) return state.error();
  if (*state == RunState::kRunning) return Earlier{};
  return Error{"the VM is paused already; resume it first (the end of vm.pause would resume it)"};
}

Status MachinePause::Begin(Machine& machine, double duty) {
  Result<std::unique_ptr<Machine>> own = opener()();
  if (!own.ok()) return own.error();
  if (duty > 0) {
    if (Status paused = machine.Suspend(); !paused.ok()) return paused;
    const Result<RunState> state = machine.State();
    if (!state.ok()) return state.error();
    if (*state != RunState::kPausedByUser) return Error{"libvirt does not show the VM as paused"};
  }
  const auto period = static_cast<std::int64_t>(order().Parameter("period_ms"));
  pulses_ = std::make_unique<PausePulses>(std::move(*own), std::chrono::milliseconds(period), duty,
                                          duty > 0);
  return Done{};
}

Result<probe::ReadBack> MachinePause::Set(Machine& machine, double share) {
  const double percent = IntensityAtShare(share);
  if (pulses_ != nullptr) {
    pulses_->SetDuty(percent / 100);
  } else if (Status begun = Begin(machine, percent / 100); !begun.ok()) {
    return begun.error();
  }
  return probe::ReadBack{(percent > 0 ? "state paused; " : "") + Short(percent) + " % of each " +
                             Short(order().Parameter("period_ms")) + " ms",
                         {{IntensityName(), percent}}};
}

Status MachinePause::Check(Machine&) { return pulses_ == nullptr ? Done{} : pulses_->Problem(); }

Status MachinePause::TakeBack(Machine& machine) {
  bool may_be_paused_by_us = true;
  if (pulses_ != nullptr) {
    may_be_paused_by_us = pulses_->StopAndTellWhetherPaused();
  }
  if (!may_be_paused_by_us) return Done{};
  Result<RunState> state = machine.State();
  if (!state.ok()) return state.error();
  if (*state != RunState::kPausedByUser) return Done{};
  if (Status resumed = machine.Resume(); !resumed.ok()) return resumed;
  state = machine.State();
  if (!state.ok()) return state.error();
  if (*state == RunState::kRunning) return Done{};
  return Error{"the VM was resumed, but libvirt does not show it as running"};
}

}  // namespace grayling::vmfault
