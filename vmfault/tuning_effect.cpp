#include "vmfault/tuning_effect.h"

#include <nlohmann/json.hpp>

namespace grayling::vmfault {
namespace {

using nlohmann::json;

constexpr char kTunings[] = "tunings";  // key in Earlier

std::string Text(const Tuning& tuning) {
  std::string text;
  for (const auto& [name, value] : tuning) {
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(value);
  }
  return text;
}

std::string Prefix(const std::string& target) { return target.empty() ? "" : target + ": "; }

}  // namespace

TuningEffect::TuningsByTarget TuningEffect::EarlierTunings() const {
  const json object = json::parse(order().Earlier(kTunings), nullptr, false);
  try {
    return object.get<TuningsByTarget>();
  } catch (const json::exception&) {
    return {};
  }
}

Result<Earlier> TuningEffect::Look(Machine& machine) {
  Result<std::vector<std::string>> targets = Targets(machine);
  if (!targets.ok()) return targets.error();
  TuningsByTarget tunings;
  for (const std::string& target : *targets) {
    Result<Tuning> now = Read(machine, target);
    if (!now.ok()) return now.error();
    if (std::string objection = Objection(*now); !objection.empty()) {
      return Error{Prefix(target) + objection};
    }
    tunings[target] = Kept(*now);
  }
  return Earlier{{kTunings, json(tunings).dump()}};
}

Status TuningEffect::Compare(Machine& machine, const std::string& target, const Tuning& wanted) {
  Result<Tuning> now = Read(machine, target);
  if (!now.ok()) return now.error();
  for (const auto& [name, value] : wanted) {
    const auto found = now->find(name);
    if (found != now->end() && found->second == value) continue;
    return Error{
        Prefix(target) + name + " should be " + std::to_string(value) + ", but libvirt " +
        (found == now->end() ? "does not have it" : "reads back " + std::to_string(found->second))};
  }
  return Done{};
}

Result<probe::ReadBack> TuningEffect::Set(Machine& machine, double share) {
  const double intensity = IntensityAtShare(share);
  probe::ReadBack read_back;
  for (const auto& [target, earlier] : EarlierTunings()) {
    // A limit that was there earlier is never relaxed.
    const double limit = IntensityOf(earlier);
    const bool is_ours = share > 0 && (limit <= 0 || intensity < limit);
    const Tuning wanted = is_ours ? At(intensity) : earlier;
    if (Status written = Write(machine, target, wanted); !written.ok()) return written.error();
    if (Status same = Compare(machine, target, wanted); !same.ok()) return same.error();
    in_force_[target] = wanted;
    read_back.text += (read_back.text.empty() ? "" : "; ") + Prefix(target) + Text(wanted);
    // Where the earlier values are in force the fault does nothing, as a shape may ask.
    read_back.values[IntensityName()] = is_ours ? IntensityOf(wanted) : intensity;
  }
  return read_back;
}

Status TuningEffect::Check(Machine& machine) {
  for (const auto& [target, wanted] : in_force_) {
    if (Status same = Compare(machine, target, wanted); !same.ok()) {
      return Error{"somebody changed it: " + same.error().sentence, same.error().code};
    }
  }
  return Done{};
}

Status TuningEffect::TakeBack(Machine& machine) {
  Status result = Done{};
  for (const auto& [target, earlier] : EarlierTunings()) {
    // Written even where libvirt says that nothing is limited: after a failed call that may be
    // wrong (a half-made queue on the tap device).
    Status back = Write(machine, target, earlier);
    if (back.ok()) back = Compare(machine, target, earlier);
    if (!back.ok()) result = back;
  }
  return result;
}

}  // namespace grayling::vmfault
