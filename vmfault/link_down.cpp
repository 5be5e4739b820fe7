#include "vmfault/link_down.h"

#include <algorithm>

#include "vmfault/qemu_network.h"

namespace grayling::vmfault {
namespace {

using nlohmann::json;

constexpr char kCards[] = "cards";  // key in Earlier
constexpr double kDownFrom = 0.5;

}  // namespace

std::vector<LinkDown::Card> LinkDown::Cards() const {
  std::vector<Card> cards;
  const json list = json::parse(order().Earlier(kCards), nullptr, false);
  if (!list.is_array()) return cards;
  for (const json& card : list) {
    cards.push_back({card.value("mac", ""), card.value("netdev", ""), card.value("link", "")});
  }
  return cards;
}

Result<Earlier> LinkDown::Look(Machine& machine) {
  Result<DomainDevices> devices = machine.Devices();
  if (!devices.ok()) return devices.error();
  const std::string wanted = order().Option("nic");
  json cards = json::array();
  const auto add = [&](const Card& card) -> Status {
    Result<bool> up = IsUp(machine, card, card.link_state != "down");
    if (!up.ok()) return up.error();
    if (!*up) return Error{"the cable of network card " + card.mac + " is out already"};
    cards.push_back({{"mac", card.mac}, {"netdev", card.netdev}, {"link", card.link_state}});
    return Done{};
  };
  for (const DomainInterface& interface : devices->interfaces) {
    if (!wanted.empty() && wanted != interface.mac) continue;
    const Status added = add({interface.mac, "", interface.link_state});
    if (!added.ok()) return added.error();
  }
  if (!devices->own_netdevs.empty()) {
    Result<std::vector<QemuNic>> nics = FindQemuNics(machine, "");
    if (!nics.ok()) return nics.error();
    for (const QemuNic& nic : *nics) {
      const std::vector<std::string>& own = devices->own_netdevs;
      if (std::find(own.begin(), own.end(), nic.netdev) == own.end()) continue;
      if (!wanted.empty() && wanted != nic.mac && wanted != nic.netdev) continue;
      const Status added = add({nic.mac, nic.netdev, ""});
      if (!added.ok()) return added.error();
    }
  }
  if (!cards.empty()) return Earlier{{kCards, cards.dump()}};
  return Error{wanted.empty() ? "the VM has no network card"
                              : "the VM has no network card '" + wanted + "'"};
}

Status LinkDown::Plug(Machine& machine, const Card& card, bool up) const {
  if (card.netdev.empty()) return machine.SetLinkState(card.mac, up ? card.link_state : "down");
  const Result<json> done = machine.Monitor("set_link", {{"name", card.netdev}, {"up", up}});
  if (!done.ok()) return done.error();
  return Done{};
}

Result<bool> LinkDown::IsUp(Machine& machine, const Card& card, bool believed) const {
  Result<std::optional<bool>> said = IsLinkUp(machine, card.mac);
  if (said.ok() && said->has_value()) return **said;
  if (!said.ok() && said.error().code != kNotSupported) return said.error();
  if (!card.netdev.empty()) return believed;
  Result<DomainDevices> devices = machine.Devices();
  if (!devices.ok()) return devices.error();
  for (const DomainInterface& interface : devices->interfaces) {
    if (interface.mac == card.mac) return interface.link_state != "down";
  }
  return Error{"the VM has no network card " + card.mac + " any more"};
}

Result<probe::ReadBack> LinkDown::Set(Machine& machine, double share) {
  const bool down = share >= kDownFrom;
  probe::ReadBack read_back;
  for (const Card& card : Cards()) {
    if (Status done = Plug(machine, card, !down); !done.ok()) return done.error();
    Result<bool> up = IsUp(machine, card, !down);
    if (!up.ok()) return up.error();
    if (*up == down) {
      return Error{"network card " + card.mac + " still has its link " + (*up ? "up" : "down")};
    }
    read_back.text += (read_back.text.empty() ? "" : "; ") + card.mac +
                      (card.netdev.empty() ? "" : " (" + card.netdev + ")") + ": link " +
                      (down ? "down" : "up");
  }
  read_back.text += "; by QEMU's monitor, which taints the domain";
  read_back.values["down"] = down ? 1 : 0;
  is_down_ = down;
  return read_back;
}

Status LinkDown::Check(Machine& machine) {
  if (!is_down_) return Done{};
  for (const Card& card : Cards()) {
    Result<bool> up = IsUp(machine, card, false);
    if (!up.ok()) return up.error();
    if (*up) return Error{"somebody plugged the cable of " + card.mac + " in"};
  }
  return Done{};
}

Status LinkDown::TakeBack(Machine& machine) {
  Status result = Done{};
  for (const Card& card : Cards()) {
    Status done = Plug(machine, card, true);
    Result<bool> up = done.ok() ? IsUp(machine, card, true) : done.error();
    if (!up.ok()) {
      result = up.error();
    } else if (!*up) {
      result = Error{"the link of network card " + card.mac + " is still down"};
    }
  }
  return result;
}

}  // namespace grayling::vmfault
