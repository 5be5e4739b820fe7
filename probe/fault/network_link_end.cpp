#include "probe/fault/network_link_end.h"

#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <net/if.h>

#include <algorithm>

#include "probe/fault/id_hash.h"
#include "probe/kernel/links.h"
#include "probe/kernel/net_namespace.h"

namespace grayling::probe {
namespace {

constexpr int kBands = 4;
constexpr std::uint32_t kMajorCount = kLastMajor - kFirstMajor + 1;

std::uint32_t HandleOf(std::uint32_t hash) { return (kFirstMajor + hash % kMajorCount) << 16; }

std::vector<char> PrioOptions() {
  // The kernel's default map; its bands 0 to 2 are the ones that everybody has without us.
  constexpr tc_prio_qopt kOptions{kBands, {1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}};
  AttributeBytes bytes;
  bytes.Append(kOptions);
  return {bytes.bytes().begin(), bytes.bytes().end()};
}

const Qdisc* FindQdisc(const std::vector<Qdisc>& qdiscs, std::uint32_t handle) {
  for (const Qdisc& qdisc : qdiscs) {
    if (qdisc.handle == handle) return &qdisc;
  }
  return nullptr;
}

const Qdisc* FindRoot(const std::vector<Qdisc>& qdiscs) {
  for (const Qdisc& qdisc : qdiscs) {
    if (qdisc.IsRoot()) return &qdisc;
  }
  return nullptr;
}

}  // namespace

LinkEnd::LinkEnd(const FaultOrder& order, Side side)
    : side_(side),
      veth_(order.veth),
      pid_(order.pid),
      name_(side == Side::kHost ? veth_ : "the container's end of " + veth_),
      prefix_(side == Side::kHost ? "in." : "out."),
      match_{order.peer_addresses, side == Side::kHost,
             static_cast<std::uint16_t>(order.Parameter("port"))},
      handle_(HandleOf(IdHash(order.id))),
      child_handle_(HandleOf(IdHash(order.id) + kMajorCount / 2)),
      earlier_(order.earlier) {}

Result<std::optional<LinkEnd::Place>> LinkEnd::Find() const {
  return side_ == Side::kHost ? FindOnHost() : FindInContainer();
}

Result<std::optional<LinkEnd::Place>> LinkEnd::FindOnHost() const {
  const int index = static_cast<int>(if_nametoindex(veth_.c_str()));
  if (index == 0) return std::optional<Place>();
  Result<NetlinkSocket> route = NetlinkSocket::Open(NETLINK_ROUTE);
  if (!route.ok()) return route.error();
  Result<std::optional<Link>> link = FindLink(*route, index);
  if (!link.ok()) return link.error();
  if (!*link) return std::optional<Place>();
  return std::optional<Place>(Place{std::move(*route), index, (*link)->queue_length, 0});
}

Result<std::optional<LinkEnd::Place>> LinkEnd::FindInContainer() const {
  Result<std::optional<Place>> host = FindOnHost();
  if (!host.ok() || !*host) return host;
  Result<std::optional<Link>> near = FindLink((*host)->route, (*host)->index);
  if (!near.ok()) return near.error();
  Result<std::optional<EarlierLinkEnd>> earlier = EarlierLinkEnd::ReadFrom(earlier_, prefix_);
  if (!earlier.ok()) return earlier.error();
  Result<std::uint64_t> of_pid = NetNamespaceOf(pid_);
  const std::uint64_t wanted = *earlier ? (*earlier)->net_namespace : of_pid.ok() ? *of_pid : 0;
  if (wanted == 0) return std::optional<Place>();
  // The process may be gone, or its number be another's, while the namespace lives on.
  Result<NetlinkSocket> route = of_pid.ok() && *of_pid == wanted
                                    ? OpenNetlinkIn(pid_, NETLINK_ROUTE)
                                    : OpenNetlinkInNamespace(wanted, NETLINK_ROUTE);
  if (!route.ok() && route.error().code == kNoSuchNamespace) return std::optional<Place>();
  if (!route.ok()) return route.error();
  Result<std::optional<Link>> far = FindLink(*route, *near ? (*near)->peer_index : 0);
  if (!far.ok()) return far.error();
  if (!*far || (*far)->peer_index != (*host)->index) return std::optional<Place>();
  return std::optional<Place>(
      Place{std::move(*route), (*far)->index, (*far)->queue_length, wanted});
}

Result<LinkEnd::Place> LinkEnd::FindOrFail() const {
  Result<std::optional<Place>> place = Find();
  if (!place.ok()) return place.error();
  if (*place) return std::move(**place);
  if (if_nametoindex(veth_.c_str()) == 0) {
    return Error{"there is no interface " + veth_ + "; ask for the containers again"};
  }
  return Error{name_ + " is not in the network namespace of process " + std::to_string(pid_) +
               "; ask for the containers again"};
}

std::vector<Qdisc> LinkEnd::OurQdiscs(int index, const NetemSettings& settings,
                                      const std::vector<std::int16_t>& distribution) const {
  Qdisc netem{index, handle_, TC_H_ROOT, "netem", NetemOptions(settings, distribution)};
  if (match_.MatchesAll()) return {std::move(netem)};
  netem.handle = child_handle_;
  netem.parent = handle_ | kBands;
  return {Qdisc{index, handle_, TC_H_ROOT, "prio", PrioOptions()}, std::move(netem)};
}

Status LinkEnd::ReadEarlier(std::map<std::string, std::string>& earlier) const {
  if (side_ == Side::kContainer && pid_ == 0) {
    return Error{"direction out and both need --pid NUMBER, a process of the container"};
  }
  Result<std::vector<U32Filter>> filters = FiltersFor(match_, 0);
  if (!filters.ok()) return filters.error();
  Result<Place> place = FindOrFail();
  if (!place.ok()) return place.error();
  Result<std::optional<Qdisc>> root = ReadRestorableRoot(place->route, place->index, name_);
  if (!root.ok()) return root.error();
  EarlierLinkEnd{*root, place->queue_length, place->net_namespace}.WriteTo(earlier, prefix_);
  return Done{};
}

Result<NetemSettings> LinkEnd::Apply(const NetemSettings& settings,
                                     const std::vector<std::int16_t>& distribution) const {
  Result<Place> place = FindOrFail();
  if (!place.ok()) return place.error();
  Result<std::optional<EarlierLinkEnd>> earlier = EarlierLinkEnd::ReadFrom(earlier_, prefix_);
  if (!earlier.ok()) return earlier.error();
  Result<std::optional<Qdisc>> root = ReadRestorableRoot(place->route, place->index, name_);
  if (!root.ok()) return root.error();
  std::optional<Qdisc> expected;
  if (*earlier) expected = (*earlier)->root;
  if (expected) expected->interface_index = place->index;
  if (*root != expected) {
    return Error{"somebody changed the qdisc of " + name_ + " while the fault was starting; " +
                 "try again"};
  }
  QdiscChange change = expected ? QdiscChange::kReplace : QdiscChange::kAdd;
  for (const Qdisc& qdisc : OurQdiscs(place->index, settings, distribution)) {
    if (Status set = place->route.Change(SetQdiscMessage(qdisc, change)); !set.ok()) {
      return Error{"the kernel refused " + qdisc.kind + " on " + name_ + ": " +
                   set.error().sentence};
    }
    change = QdiscChange::kAdd;
  }
  Result<std::vector<U32Filter>> filters = FiltersFor(match_, handle_ | kBands);
  if (!filters.ok()) return filters.error();
  for (const U32Filter& filter : *filters) {
    Status added = place->route.Change(AddFilterMessage(place->index, handle_, filter));
    if (!added.ok()) {
      return Error{"the kernel refused a u32 filter on " + name_ + ": " + added.error().sentence};
    }
  }
  return ReadBack(*place, settings);
}

Result<NetemSettings> LinkEnd::ReadBack(Place& place, const NetemSettings& settings) const {
  Result<std::vector<Qdisc>> qdiscs = ListQdiscs(place.route, place.index);
  if (!qdiscs.ok()) return qdiscs.error();
  NetemSettings held;
  for (const Qdisc& ours : OurQdiscs(place.index, settings, {})) {
    const Qdisc* there = ours.IsRoot() ? FindRoot(*qdiscs) : FindQdisc(*qdiscs, ours.handle);
    if (there == nullptr || there->handle != ours.handle || there->kind != ours.kind ||
        there->parent != ours.parent) {
      return Error{"the " + std::string(ours.IsRoot() ? "root qdisc" : "lower qdisc") + " of " +
                   name_ + " is " + (there == nullptr ? "gone" : Describe(*there)) + ", not our " +
                   Describe(ours)};
    }
    const std::optional<NetemSettings> netem = there->Netem();
    if (netem) held = *netem;
    if (netem ? *netem != settings : there->options != ours.options) {
      return Error{"asked for " + Describe(ours) + " on " + name_ + " but read back " +
                   Describe(*there)};
    }
  }
  if (match_.MatchesAll()) return held;
  Result<std::vector<U32Filter>> filters = ListFilters(place.route, place.index, handle_);
  if (!filters.ok()) return filters.error();
  Result<std::vector<U32Filter>> ours = FiltersFor(match_, handle_ | kBands);
  if (!ours.ok()) return ours.error();
  if (!std::is_permutation(ours->begin(), ours->end(), filters->begin(), filters->end())) {
    return Error{"the filters of " + name_ + " are not ours: " + std::to_string(filters->size()) +
                 " were read back, " + std::to_string(ours->size()) + " were set"};
  }
  return held;
}

Status LinkEnd::Change(const NetemSettings& settings,
                       const std::vector<std::int16_t>& distribution) const {
  Result<Place> place = FindOrFail();
  if (!place.ok()) return place.error();
  const Qdisc netem = OurQdiscs(place->index, settings, distribution).back();
  if (Status tuned = place->route.Change(SetQdiscMessage(netem, QdiscChange::kTune)); !tuned.ok()) {
    return Error{"the kernel refused to change netem on " + name_ + ": " + tuned.error().sentence};
  }
  Result<NetemSettings> held = ReadBack(*place, settings);
  if (!held.ok()) return held.error();
  return Done{};
}

Status LinkEnd::Check(const NetemSettings& settings) const {
  Result<std::optional<Place>> place = Find();
  if (!place.ok()) return place.error();
  if (!*place) return Error{name_ + " is gone"};
  Result<NetemSettings> held = ReadBack(**place, settings);
  if (!held.ok()) return held.error();
  return Done{};
}

Status LinkEnd::Revert() const {
  Result<std::optional<Place>> place = Find();
  if (!place.ok()) return place.error();
  if (!*place) return Done{};
  Result<std::optional<Qdisc>> root = RootQdisc((*place)->route, (*place)->index);
  if (!root.ok()) return root.error();
  Status put_back = PutBack(**place, *root);
  // When the link went meanwhile, so did everything that was on it.
  if (Result<std::optional<Place>> after = Find(); after.ok() && !*after) return Done{};
  if (!put_back.ok()) return put_back;
  return CheckNothingIsLeft(**place);
}

Status LinkEnd::PutBack(Place& place, const std::optional<Qdisc>& root) const {
  Result<std::optional<EarlierLinkEnd>> earlier = EarlierLinkEnd::ReadFrom(earlier_, prefix_);
  const bool is_ours = root && root->handle == handle_;
  const bool is_free = !root || root->IsKernelDefault();
  if (earlier.ok() && *earlier && (*earlier)->root && (is_ours || is_free)) {
    Qdisc again = *(*earlier)->root;
    again.interface_index = place.index;
    Status restored = RestoreRoot(place.route, again, is_ours);
    if (restored.ok()) return Done{};
    // The fault must end in any case.
    static_cast<void>(place.route.Change(DeleteRootQdiscMessage(place.index, handle_)));
    return Error{"the earlier qdisc " + Describe(again) + " of " + name_ +
                 " could not be put back: " + restored.error().sentence};
  }
  if (is_ours) {
    Status removed = place.route.Change(DeleteRootQdiscMessage(place.index, handle_));
    if (!removed.ok()) {
      return Error{"the kernel did not remove " + Describe(*root) + " from " + name_ + ": " +
                   removed.error().sentence};
    }
  }
  if (!earlier.ok()) return earlier.error();
  if ((is_ours || is_free) && *earlier && (*earlier)->queue_length == 0) {
    return place.route.Change(SetQueueLengthMessage(place.index, 0));
  }
  return Done{};
}

Status LinkEnd::CheckNothingIsLeft(Place& place) const {
  Result<std::vector<Qdisc>> qdiscs = ListQdiscs(place.route, place.index);
  if (!qdiscs.ok()) return qdiscs.error();
  for (const Qdisc& qdisc : *qdiscs) {
    if (qdisc.handle == handle_ || qdisc.handle == child_handle_) {
      return Error{Describe(qdisc) + " is still on " + name_ + " after it was removed"};
    }
  }
  return Done{};
}

}  // namespace grayling::probe
