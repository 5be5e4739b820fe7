#include "vmfault/machine_effect.h"

#include <chrono>
#include <cstdio>
#include <thread>

#include "base/fault_kinds.h"

namespace grayling::vmfault {
namespace {

constexpr char kRun[] = "run";  // key in Earlier
constexpr char kRunIsOver[] = "the VM stopped or was restarted, and the fault went with that";
constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kBetweenTries = std::chrono::milliseconds(200);

std::string Text(const MachineIdentity& run) { return run.uuid + "/" + std::to_string(run.id); }

}  // namespace

MachineEffect::MachineEffect(probe::FaultOrder order, MachineOpener open)
    : order_(std::move(order)), open_(std::move(open)) {
  const FaultKind* kind = FindFaultKindOrNull(order_.kind);
  if (kind != nullptr) FillDefaults(*kind, order_.parameters, order_.options);
}

Result<Machine*> MachineEffect::Opened() {
  if (machine_ == nullptr) {
    Result<std::unique_ptr<Machine>> opened = open_();
    if (!opened.ok()) return opened.error();
    machine_ = std::move(*opened);
  }
  return machine_.get();
}

Result<bool> MachineEffect::IsSameRun() {
  Result<Machine*> machine = Opened();
  if (!machine.ok()) return machine.error();
  const Result<MachineIdentity> run = (*machine)->Identity();
  if (run.ok()) return Text(*run) == order_.Earlier(kRun);
  if (run.error().code == kMachineGone) return false;
  return run.error();
}

Result<Earlier> MachineEffect::ReadEarlier() {
  Result<Machine*> machine = Opened();
  if (!machine.ok()) return machine.error();
  const Result<MachineIdentity> run = (*machine)->Identity();
  if (!run.ok()) return run.error();
  Result<Earlier> earlier = Look(**machine);
  if (!earlier.ok()) return earlier;
  (*earlier)[kRun] = Text(*run);
  (*earlier)[kPlace] = (*machine)->Place();
  return earlier;
}

Result<probe::ReadBack> MachineEffect::Apply() {
  const Result<bool> same = IsSameRun();
  if (!same.ok()) return same.error();
  if (!*same) return Error{"the VM was restarted while the fault was starting"};
  return Set(*machine_, ShareAt(order_.shape, 0, static_cast<double>(order_.ttl_ms) / 1000));
}

Status MachineEffect::SetShare(double share) {
  Result<Machine*> machine = Opened();
  if (!machine.ok()) return machine.error();
  Result<probe::ReadBack> set = Set(**machine, share);
  if (!set.ok()) return set.error();
  return Done{};
}

Status MachineEffect::StillThere() {
  const Result<bool> same = IsSameRun();
  if (!same.ok()) return Done{};
  if (!*same) return Error{kRunIsOver};
  const Status there = Check(*machine_);
  if (there.ok() || there.error().code == kLibvirtSilent) return Done{};
  return there.error().code == kMachineGone ? Error{kRunIsOver} : there.error();
}

Status MachineEffect::TryToRevert() {
  const Result<bool> same = IsSameRun();
  if (!same.ok()) return same.error();
  if (!*same) return Done{};
  const Status back = TakeBack(*machine_);
  if (!back.ok() && back.error().code == kMachineGone) return Done{};
  return back;
}

Status MachineEffect::Revert() {
  // Nothing is changed before what was there earlier is on disk.
  if (order_.Earlier(kRun).empty()) return Done{};
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (true) {
    Status reverted = TryToRevert();
    const bool is_silence = !reverted.ok() && reverted.error().code == kLibvirtSilent;
    if (!is_silence || std::chrono::steady_clock::now() >= until) return reverted;
    std::this_thread::sleep_for(kBetweenTries);
  }
}

std::string MachineEffect::IntensityName() const {
  const FaultKind* kind = FindFaultKindOrNull(order_.kind);
  return kind == nullptr || kind->Intensity() == nullptr ? "" : kind->Intensity()->name;
}

double MachineEffect::IntensityAtShare(double share) const {
  const FaultKind* kind = FindFaultKindOrNull(order_.kind);
  if (kind == nullptr || kind->Intensity() == nullptr) return share;
  return IntensityAt(*kind, order_.Parameter(kind->Intensity()->name), share);
}

std::string Count(std::size_t number, const std::string& thing) {
  return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

std::string Short(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

}  // namespace grayling::vmfault
