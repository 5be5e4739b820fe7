#include "probe/fault/network_earlier.h"

#include <linux/pkt_sched.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "probe/kernel/u32_filter.h"

namespace grayling::probe {
namespace {

// Their TCA_OPTIONS, set again as they were dumped, make the same qdisc. Not sfq: it lowers its
// number of flows at each setting.
constexpr std::array<std::string_view, 11> kRestorableKinds{
    "bfifo", "codel", "fq",  "fq_codel",        "netem", "noqueue",
    "pfifo", "prio",  "pie", "pfifo_head_drop", "tbf"};

constexpr int kMostCorrections = 3;
constexpr std::uint32_t kLargestRounding = 2;
constexpr std::uint16_t kLastOption = 64;

std::string ToHex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
    hex.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
  }
  return hex;
}

bool FromHex(std::string_view hex, std::vector<char>& bytes) {
  bytes.clear();
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    unsigned value = 0;
    const char* end = hex.data() + at + 2;
    if (std::from_chars(hex.data() + at, end, value, 16).ptr != end) return false;
    bytes.push_back(static_cast<char>(value));
  }
  return hex.size() % 2 == 0;
}

template <typename Number>
bool FromText(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

}  // namespace

void EarlierLinkEnd::WriteTo(std::map<std::string, std::string>& entries,
                             const std::string& prefix) const {
  entries[prefix + "queue_length"] = std::to_string(queue_length);
  entries[prefix + "net_namespace"] = std::to_string(net_namespace);
  if (!root) return;
  entries[prefix + "kind"] = root->kind;
  entries[prefix + "handle"] = std::to_string(root->handle);
  entries[prefix + "options"] = ToHex(root->options);
}

Result<std::optional<EarlierLinkEnd>> EarlierLinkEnd::ReadFrom(
    const std::map<std::string, std::string>& entries, const std::string& prefix) {
  const auto text = [&](const char* name) {
    const auto found = entries.find(prefix + name);
    return found == entries.end() ? std::string() : found->second;
  };
  if (text("net_namespace").empty()) return std::optional<EarlierLinkEnd>();
  EarlierLinkEnd earlier;
  bool fine = FromText(text("queue_length"), earlier.queue_length) &&
              FromText(text("net_namespace"), earlier.net_namespace);
  if (!text("kind").empty()) {
    Qdisc root;
    root.parent = TC_H_ROOT;
    root.kind = text("kind");
    fine = fine && FromText(text("handle"), root.handle) && FromHex(text("options"), root.options);
    earlier.root = std::move(root);
  }
  if (!fine) return Error{"a fault's mark is damaged: what stood on the link before is unreadable"};
  return std::optional<EarlierLinkEnd>(std::move(earlier));
}

Result<std::optional<Qdisc>> ReadRestorableRoot(NetlinkSocket& route, int interface_index,
                                                const std::string& name) {
  Result<std::vector<Qdisc>> qdiscs = ListQdiscs(route, interface_index);
  if (!qdiscs.ok()) return qdiscs.error();
  std::optional<Qdisc> root;
  bool has_children = false;
  for (const Qdisc& qdisc : *qdiscs) {
    if (qdisc.IsKernelDefault() || qdisc.IsIngress()) continue;
    if (qdisc.IsRoot()) root = qdisc;
    has_children = has_children || !qdisc.IsRoot();
  }
  if (!root && !has_children) return root;
  const std::string already = name + " already has the root qdisc " +
                              (root ? Describe(*root) : std::string("of the kernel"));
  if (root && root->handle >> 16 >= kFirstMajor && root->handle >> 16 <= kLastMajor) {
    return Error{already + ", which is another fault of Grayling's; revert that one first"};
  }
  if (has_children) {
    return Error{already +
                 " with others below it, which could not be put back after the fault; "
                 "remove it, then try again"};
  }
  if (std::find(kRestorableKinds.begin(), kRestorableKinds.end(), root->kind) ==
          kRestorableKinds.end() ||
      root->has_size_table) {
    return Error{already +
                 ", which could not be put back after the fault; remove it, then try "
                 "again"};
  }
  Result<std::vector<U32Filter>> filters = ListFilters(route, interface_index, root->handle);
  if (!filters.ok()) return filters.error();
  if (!filters->empty()) {
    return Error{already +
                 " with filters, which could not be put back after the fault; remove "
                 "it, then try again"};
  }
  return root;
}

std::vector<char> RoundingCorrection(Bytes wanted, Bytes got,
                                     std::map<std::uint16_t, std::uint32_t>& sent) {
  AttributeBytes correction;
  for (std::uint16_t type = 1; type <= kLastOption; ++type) {
    const auto want = FindAttribute(wanted, type);
    const auto have = FindAttribute(got, type);
    if (!want || !have || want->size() != 4 || have->size() != 4) continue;
    const auto want_number = *ReadValue<std::uint32_t>(*want);
    const auto have_number = *ReadValue<std::uint32_t>(*have);
    const std::uint32_t missing = want_number - have_number;  // modulo 2^32, either way
    if (missing == 0 || (missing > kLargestRounding && -missing > kLargestRounding)) continue;
    std::uint32_t& number = sent.emplace(type, want_number).first->second;
    number += missing;
    correction.AddValue(type, number);
  }
  return {correction.bytes().begin(), correction.bytes().end()};
}

Status RestoreRoot(NetlinkSocket& route, const Qdisc& earlier, bool in_place_of_ours) {
  const QdiscChange change = in_place_of_ours ? QdiscChange::kReplace : QdiscChange::kAdd;
  if (Status set = route.Change(SetQdiscMessage(earlier, change)); !set.ok()) return set;
  std::map<std::uint16_t, std::uint32_t> sent;
  for (int round = 0; round <= kMostCorrections; ++round) {
    Result<std::optional<Qdisc>> now = RootQdisc(route, earlier.interface_index);
    if (!now.ok()) return now.error();
    if (*now == earlier) return Done{};
    if (!*now || (*now)->handle != earlier.handle) break;
    Qdisc correction = earlier;
    correction.options = RoundingCorrection(earlier.options, (*now)->options, sent);
    if (correction.options.empty()) break;
    Status tuned = route.Change(SetQdiscMessage(correction, QdiscChange::kTune));
    if (!tuned.ok()) return tuned;
  }
  return Error{"the kernel shows it with other settings than before"};
}

}  // namespace grayling::probe
