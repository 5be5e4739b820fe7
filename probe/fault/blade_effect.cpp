#include "probe/fault/blade_effect.h"

#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <utility>

#include "probe/fault/blade_answer.h"
#include "probe/fault/child_program.h"

namespace grayling::probe {
namespace {

using nlohmann::json;

constexpr int kCreateTimeoutMs = 10000;
constexpr int kOtherTimeoutMs = 6000;
constexpr int kResiduePatienceMs = 500;  // a burner dies within some milliseconds
constexpr int kBirthMs = 700;
constexpr int kBetweenStatusCalls = 10;  // seconds, where blade's word is all there is

void SleepMs(int milliseconds) {
  const timespec pause{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
  nanosleep(&pause, nullptr);
}

std::int64_t NowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

bool IsPath(const std::string& program) { return program.find('/') != std::string::npos; }

}  // namespace

Result<std::unique_ptr<Effect>> BladeEffect::Make(const FaultOrder& order) {
  Result<BladeLine> line = ParseBladeLine(order.arguments);
  if (!line.ok()) return line.error();
  std::unique_ptr<BladeLook> look = MakeBladeLook(order, *line);
  return std::unique_ptr<Effect>(std::make_unique<BladeEffect>(*std::move(line), std::move(look)));
}

BladeEffect::BladeEffect(BladeLine line, std::unique_ptr<BladeLook> look)
    : line_(std::move(line)), look_(std::move(look)) {}

Result<json> BladeEffect::Blade(std::vector<std::string> arguments, int timeout_ms) const {
  // Where it is installed is only a guess of the daemon's settings: PATH may know better.
  std::string program = line_.argv[0];
  if (IsPath(program) && access(program.c_str(), X_OK) != 0) program = "blade";
  arguments.insert(arguments.begin(), program);
  Result<ProgramRun> run = RunProgram(arguments, timeout_ms);
  if (run.ok()) return ReadBladeAnswer(*run);
  if (run.error().code != ENOENT) return run.error();
  return Error{"the guest has no ChaosBlade: neither " + line_.argv[0] +
                   " nor blade in $PATH; install it there, or use the native backend",
               ENOENT};
}

Result<ReadBack> BladeEffect::Apply() {
  Result<json> created = Blade({line_.argv.begin() + 1, line_.argv.end()}, kCreateTimeoutMs);
  if (!created.ok()) return created.error();
  if (*created != line_.uid) {
    return Error{"blade created another experiment than " + line_.uid + ": " +
                 created->dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 100)};
  }
  Result<json> record = Blade({"status", line_.uid}, kOtherTimeoutMs);
  if (!record.ok()) return record.error();
  if (Status success = ConfirmBladeRecord(*record, line_.uid, "Success"); !success.ok()) {
    return success.error();
  }
  Result<ReadBack> seen = look_->WaitUntilThere();
  if (!seen.ok()) return Error{"blade says success, but " + seen.error().sentence};
  was_seen_ = true;
  seen->text = "chaosblade " + line_.uid + ": " + seen->text;
  return seen;
}

Status BladeEffect::SetShare(double) {
  return Error{"ChaosBlade cannot change a fault that acts; use the shape constant"};
}

Status BladeEffect::StillThere() {
  if (look_->SeesAnything()) return look_->StillThere();
  if (++seconds_unseen_ % kBetweenStatusCalls != 0) return Done{};
  Result<json> record = Blade({"status", line_.uid}, kOtherTimeoutMs);
  if (!record.ok()) return Done{};  // a busy guest is no lost fault
  return ConfirmBladeRecord(*record, line_.uid, "Success");
}

Status BladeEffect::Destroy() const {
  Result<json> destroyed = Blade({"destroy", line_.uid}, kOtherTimeoutMs);
  if (!destroyed.ok()) return destroyed.error();
  return Done{};
}

Status BladeEffect::ConfirmDestroyed(const Status& destroyed) const {
  if (!destroyed.ok() && destroyed.error().code == kBladeHasNoRecord) return Done{};
  Result<json> record = Blade({"status", line_.uid}, kOtherTimeoutMs);
  if (!record.ok()) {
    if (record.error().code == kBladeHasNoRecord) return Done{};
    return destroyed.ok() ? record.error() : destroyed.error();
  }
  Status confirmed = ConfirmBladeRecord(*record, line_.uid, "Destroyed");
  return confirmed.ok() || destroyed.ok() ? confirmed : destroyed;
}

Result<std::string> BladeEffect::ResidueAfterWaiting() const {
  Result<std::string> residue = look_->Residue();
  const std::int64_t deadline = NowMs() + kResiduePatienceMs;
  while (residue.ok() && !residue->empty() && NowMs() < deadline) {
    SleepMs(50);
    residue = look_->Residue();
  }
  return residue;
}

Status BladeEffect::Revert() {
  // blade starts its programs without waiting for them: one that was not seen yet may still come.
  if (!was_seen_) SleepMs(kBirthMs);
  Status destroyed = Destroy();
  if (!look_->SeesAnything()) {
    Status confirmed = ConfirmDestroyed(destroyed);
    if (!confirmed.ok()) confirmed = ConfirmDestroyed(Destroy());
    return confirmed;
  }
  Result<std::string> residue = ResidueAfterWaiting();
  if (residue.ok() && !residue->empty()) {
    const Status cleaned = look_->CleanUp();
    residue = ResidueAfterWaiting();
    if (!cleaned.ok() && residue.ok() && !residue->empty()) {
      *residue += "; " + cleaned.error().sentence;
    }
  }
  if (!residue.ok()) return residue.error();
  if (residue->empty()) {
    // Its container may be gone; then only this clears blade's record.
    if (!destroyed.ok() && destroyed.error().code != kBladeHasNoRecord) {
      static_cast<void>(Blade({"destroy", line_.uid, "--force-remove"}, kOtherTimeoutMs));
    }
    return Done{};
  }
  return Error{"after blade destroy " + line_.uid + " (" +
               (destroyed.ok() ? "it says success" : destroyed.error().sentence) +
               ") there is still " + *residue};
}

}  // namespace grayling::probe
