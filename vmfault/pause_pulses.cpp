#include "vmfault/pause_pulses.h"

namespace grayling::vmfault {
namespace {

constexpr auto kBetweenTries = std::chrono::milliseconds(100);

}  // namespace

PausePulses::PausePulses(std::unique_ptr<Machine> machine, std::chrono::milliseconds period,
                         double duty, bool is_paused)
    : machine_(std::move(machine)),
      period_(period),
      duty_(duty),
      is_paused_(is_paused),
      thread_([this] { Run(); }) {}

PausePulses::~PausePulses() { StopAndTellWhetherPaused(); }

void PausePulses::SetDuty(double duty) {
  const std::lock_guard lock(mutex_);
  duty_ = duty;
}

double PausePulses::duty() const {
  const std::lock_guard lock(mutex_);
  return duty_;
}

Status PausePulses::Problem() const {
  const std::lock_guard lock(mutex_);
  if (problem_.empty()) return Done{};
  return Error{problem_};
}

bool PausePulses::StopAndTellWhetherPaused() {
  {
    const std::lock_guard lock(mutex_);
    must_stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  const std::lock_guard lock(mutex_);
  return is_paused_;
}

bool PausePulses::WaitUntil(Clock::time_point when) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_until(lock, when, [this] { return must_stop_; });
}

bool PausePulses::Stop(const std::string& why) {
  const std::lock_guard lock(mutex_);
  problem_ = why;
  return false;
}

std::optional<Result<RunState>> PausePulses::AskState() {
  while (true) {
    Result<RunState> state = machine_->State();
    const bool is_silent = !state.ok() && state.error().code == kLibvirtSilent;
    if (!is_silent) return state;
    if (!WaitUntil(Clock::now() + kBetweenTries)) return std::nullopt;
  }
}

bool PausePulses::Pause() {
  const std::optional<Result<RunState>> state = AskState();
  if (!state.has_value()) return false;
  if (!state->ok()) return Stop(state->error().sentence);
  if (**state != RunState::kRunning) return Stop("somebody else has paused the VM; it is left so");
  {
    // First: a pause that is on its way is ours too.
    const std::lock_guard lock(mutex_);
    is_paused_ = true;
  }
  const Status paused = machine_->Suspend();
  return paused.ok() || Stop(paused.error().sentence);
}

bool PausePulses::Resume() {
  const std::optional<Result<RunState>> state = AskState();
  if (!state.has_value()) return false;
  if (!state->ok()) return Stop(state->error().sentence);
  const bool was_paused = **state == RunState::kPausedByUser;
  if (was_paused) {
    const Status resumed = machine_->Resume();
    if (!resumed.ok()) return Stop(resumed.error().sentence);
  }
  {
    const std::lock_guard lock(mutex_);
    is_paused_ = false;
  }
  return was_paused || Stop("somebody else has resumed the VM");
}

void PausePulses::Run() {
  Clock::time_point begin = start_;
  bool is_in_pause = is_paused_;
  while (true) {
    const auto pause = std::chrono::duration_cast<Clock::duration>(
        duty() * std::chrono::duration<double>(period_));
    if (is_in_pause && (!WaitUntil(begin + pause) || !Resume())) return;
    begin += period_;
    if (Clock::now() > begin + period_) begin = Clock::now();  // libvirt was away for long
    if (!WaitUntil(begin)) return;
    is_in_pause = duty() > 0;
    if (is_in_pause && !Pause()) return;
  }
}

}  // namespace grayling::vmfault
