#include "daemon/campaign/campaign_guards.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/fault_kinds.h"
#include "base/proto_time.h"

namespace grayling {
namespace {

constexpr double kSilentGuest_s = 20;
// A guard that pauses this often will not let the campaign through.
constexpr int kMostPausesOfARule = 100;
// The record must stay small; the event log has all.
constexpr int kMostFiringsInRecord = 1000;

bool AsksForHealth(const std::vector<GuardRule>& rules) {
  return std::any_of(rules.begin(), rules.end(), [](const GuardRule& rule) {
    return rule.quantity == GuardQuantity::kUnhealthy;
  });
}

const v1::FaultWindow* WindowUnderWay(const v1::Campaign& campaign) {
  for (const v1::FaultWindow& window : campaign.windows()) {
    if (window.outcome() == "active") return &window;
  }
  return nullptr;
}

bool ActsOnMachine(const v1::FaultWindow& window) {
  const FaultKind* kind = FindFaultKindOrNull(window.spec().kind());
  return kind != nullptr && kind->target == FaultTarget::kMachine;
}

}  // namespace

CampaignGuards::CampaignGuards(const CampaignRooms& rooms, std::vector<GuardRule> rules,
                               const std::string& vm, LiveRecord& record, RunControl& control)
    : rooms_(rooms),
      record_(record),
      control_(control),
      guest_(rooms.guests, vm, AsksForHealth(rules), rooms.clock),
      evaluator_(std::move(rules)) {}

GuardReadings CampaignGuards::Read(double disk_free_mib) {
  GuardReadings readings;
  readings.disk_free_mib = disk_free_mib;
  readings.guest_silent_s = absl::ToDoubleSeconds(guest_.Silence());
  const std::map<std::string, std::string> health = guest_.Health();
  for (const GuardRule& rule : evaluator_.rules()) {
    if (rule.quantity != GuardQuantity::kUnhealthy || health.empty()) continue;
    const auto found = health.find(rule.service);
    readings.unhealthy[rule.service] = found == health.end() || found->second == "unhealthy";
  }
  load_.Read(rooms_.clock.Now(), rooms_.load.Statistics(), rooms_.load.Settings().ramp_up,
             readings);
  return readings;
}

void CampaignGuards::Check(double disk_free_mib) {
  absl::MutexLock lock(&mutex_);
  const GuardReadings readings = Read(disk_free_mib);
  for (const GuardTurn& turn : evaluator_.Step(rooms_.clock.Now(), readings)) Act(turn);
  const std::optional<size_t> skip = evaluator_.FirstFired(GuardAction::kSkip);
  const std::string wanted = skip.has_value() ? absl::StrCat("skipped: ", said_[*skip]) : "";
  if (control_.Skip() != wanted) control_.SetSkip(wanted);
  if (!evaluator_.FirstFired(GuardAction::kPause).has_value() && control_.PauseIsByGuard()) {
    control_.Resume(/*only_guards=*/true);
  }
  SpoilWindowOfSilentGuest(readings.guest_silent_s);
}

void CampaignGuards::Act(const GuardTurn& turn) {
  const GuardRule& rule = evaluator_.rules()[turn.rule];
  if (!turn.fired) {
    record_.Note(absl::StrCat("guard ", rule.text, " let go: ", turn.readings));
    return;
  }
  WriteFiring(rule, turn);
  const std::string why =
      absl::StrCat("guard ", rule.text, " fired at ", GuardValueText(rule.quantity, turn.value));
  said_[turn.rule] = why;
  if (rule.action == GuardAction::kAbort) control_.Stop({v1::CAMPAIGN_STATE_ABORTED, why});
  if (rule.action != GuardAction::kPause) return;
  if (++pauses_[turn.rule] > kMostPausesOfARule) {
    control_.Stop({v1::CAMPAIGN_STATE_FAILED,
                   absl::StrCat("guard ", rule.text, " paused it ", kMostPausesOfARule, " times")});
  }
  control_.Pause(absl::StrCat("paused, ", why), /*by_guard=*/true);
}

void CampaignGuards::WriteFiring(const GuardRule& rule, const GuardTurn& turn) {
  record_.Note(absl::StrCat("guard ", rule.text, " fired, ", GuardActionWord(rule.action), ": ",
                            turn.readings));
  record_.Update([&](v1::Campaign& campaign) {
    if (campaign.guard_firings_size() >= kMostFiringsInRecord) return;
    v1::GuardFiring& firing = *campaign.add_guard_firings();
    ToProto(rooms_.clock.Now(), firing.mutable_time());
    firing.set_rule(rule.text);
    firing.set_action(GuardActionWord(rule.action));
    firing.set_values(turn.readings);
    const v1::FaultWindow* window = WindowUnderWay(campaign);
    firing.set_window(window == nullptr ? -1 : window->index());
  });
}

void CampaignGuards::SpoilWindowOfSilentGuest(double silent_s) {
  if (silent_s < kSilentGuest_s) return;
  const CampaignSnapshot snapshot = record_.Snapshot();
  const v1::FaultWindow* window = WindowUnderWay(snapshot.campaign);
  if (window == nullptr || ActsOnMachine(*window)) return;
  control_.SpoilWindow(
      absl::StrCat("invalid: the guest was silent for ", static_cast<int>(silent_s), " s"));
}

}  // namespace grayling
