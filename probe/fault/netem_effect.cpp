#include "probe/fault/netem_effect.h"

#include <cmath>

#include "base/fault_shape.h"

namespace grayling::probe {
namespace {

std::vector<LinkEnd> EndsOf(const FaultOrder& order) {
  const std::string direction = order.Option("direction");
  std::vector<LinkEnd> ends;
  if (direction != "out") ends.emplace_back(order, LinkEnd::Side::kHost);
  if (direction == "out" || direction == "both") {
    ends.emplace_back(order, LinkEnd::Side::kContainer);
  }
  return ends;
}

// What the kernel's words on netem leave out.
std::string Scope(const FaultOrder& order) {
  std::string scope;
  if (order.kind == "network.delay" && order.Parameter("correlation_percent") > 0) {
    // sch_netem.c, tabledist: the correlated number is taken modulo the jitter or the table's size.
    scope += " (netem's arithmetic loses the correlation of a delay: expect none)";
  }
  const std::string direction = order.Option("direction");
  if (direction == "out") scope += ", from the service";
  if (direction == "both") scope += ", in both directions";
  if (!order.peer_addresses.empty()) {
    scope += ", only of";
    for (const std::string& address : order.peer_addresses) scope += " " + address;
  }
  if (const auto port = static_cast<int>(order.Parameter("port")); port != 0)
    scope += ", only of port " + std::to_string(port);
  return scope;
}

}  // namespace

NetemEffect::NetemEffect(const FaultOrder& order)
    : order_(order),
      recipe_(order),
      ends_(EndsOf(order)),
      share_(ShareAt(order.shape, 0, static_cast<double>(order.ttl_ms) / 1000)) {}

Status NetemEffect::CheckOrder() const {
  // Without its addresses it would hurt everybody.
  if (!order_.Option("peer").empty() && order_.peer_addresses.empty()) {
    return Error{"option peer is '" + order_.Option("peer") +
                 "' but no --peer-address says where that is"};
  }
  const double port = order_.Parameter("port");
  if (port != std::floor(port)) return Error{"parameter port must be a whole number"};
  return Done{};
}

Result<std::map<std::string, std::string>> NetemEffect::ReadEarlier() {
  if (Status fine = CheckOrder(); !fine.ok()) return fine.error();
  std::map<std::string, std::string> earlier;
  for (const LinkEnd& end : ends_) {
    if (Status read = end.ReadEarlier(earlier); !read.ok()) return read.error();
  }
  return earlier;
}

Result<ReadBack> NetemEffect::Apply() {
  const NetemSettings settings = recipe_.SettingsAt(share_);
  ReadBack read_back;
  for (const LinkEnd& end : ends_) {
    Result<NetemSettings> held = end.Apply(settings, recipe_.distribution());
    if (!held.ok()) return held.error();
    read_back = {Describe(*held) + Scope(order_), recipe_.ValuesOf(*held, share_)};
  }
  return read_back;
}

Status NetemEffect::SetShare(double share) {
  const NetemSettings settings = recipe_.SettingsAt(share);
  for (const LinkEnd& end : ends_) {
    Status changed = end.Change(settings, recipe_.distribution());
    if (!changed.ok()) return changed;
  }
  share_ = share;
  return Done{};
}

Status NetemEffect::StillThere() {
  for (const LinkEnd& end : ends_) {
    if (Status there = end.Check(recipe_.SettingsAt(share_)); !there.ok()) return there;
  }
  return Done{};
}

Status NetemEffect::Revert() {
  std::string remains;
  for (const LinkEnd& end : ends_) {
    Status reverted = end.Revert();
    if (reverted.ok()) continue;
    remains += (remains.empty() ? "" : "; ") + reverted.error().sentence;
  }
  if (!remains.empty()) return Error{remains};
  return Done{};
}

}  // namespace grayling::probe
