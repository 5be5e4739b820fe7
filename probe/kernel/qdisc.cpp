#include "probe/kernel/qdisc.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace grayling::probe {
namespace {

constexpr double kFullShare = std::numeric_limits<std::uint32_t>::max();
constexpr double kPacketsPerSecond = 1e9 / (1514 * 8);
constexpr std::uint32_t kSmallestLimit = 1000;
constexpr int kNanosecondsPerTickShift = 6;  // the kernel's packet scheduler clock

std::uint32_t Ticks(std::int64_t nanoseconds) {
  const std::int64_t ticks = nanoseconds >> kNanosecondsPerTickShift;
  return static_cast<std::uint32_t>(
      std::min<std::int64_t>(ticks, std::numeric_limits<std::uint32_t>::max()));
}

tcmsg TrafficHeader(int interface_index, std::uint32_t handle) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = interface_index;
  header.tcm_handle = handle;
  header.tcm_parent = TC_H_ROOT;
  return header;
}

std::optional<NetemSettings> ParseNetem(Bytes options) {
  const auto fixed = ReadValue<tc_netem_qopt>(options);
  if (!fixed) return std::nullopt;
  NetemSettings settings;
  settings.latency_ns = std::int64_t{fixed->latency} << kNanosecondsPerTickShift;
  settings.jitter_ns = std::int64_t{fixed->jitter} << kNanosecondsPerTickShift;
  settings.loss = fixed->loss;
  settings.limit = fixed->limit;
  const Bytes attributes = AfterHeader<tc_netem_qopt>(options);
  if (const auto exact = FindAttribute(attributes, TCA_NETEM_LATENCY64)) {
    settings.latency_ns = ReadValue<std::int64_t>(*exact).value_or(settings.latency_ns);
  }
  if (const auto exact = FindAttribute(attributes, TCA_NETEM_JITTER64)) {
    settings.jitter_ns = ReadValue<std::int64_t>(*exact).value_or(settings.jitter_ns);
  }
  return settings;
}

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

}  // namespace

std::uint32_t LossShare(double percent) {
  return static_cast<std::uint32_t>(
      std::llround(std::clamp(percent, 0.0, 100.0) / 100 * kFullShare));
}

double LossPercent(std::uint32_t share) {
  // Six digits after the point undo the rounding of LossShare.
  return std::round(share / kFullShare * 1e8) / 1e6;
}

std::uint32_t NetemLimit(std::int64_t latency_ns, std::int64_t jitter_ns) {
  const double held = kPacketsPerSecond * static_cast<double>(latency_ns + jitter_ns) / 1e9;
  return std::max(kSmallestLimit, static_cast<std::uint32_t>(std::ceil(held)));
}

std::string Describe(const NetemSettings& settings) {
  std::string out = "netem";
  if (settings.latency_ns > 0) {
    out += " delay " + Short(static_cast<double>(settings.latency_ns) / 1e6) + "ms";
  }
  if (settings.jitter_ns > 0) {
    out += " jitter " + Short(static_cast<double>(settings.jitter_ns) / 1e6) + "ms";
  }
  if (settings.loss > 0) out += " loss " + Short(LossPercent(settings.loss)) + "%";
  return out + " limit " + std::to_string(settings.limit);
}

bool Qdisc::IsRoot() const { return parent == TC_H_ROOT; }

NetlinkMessage AddRootNetemMessage(int interface_index, std::uint32_t handle,
                                   const NetemSettings& settings) {
  // EXCL: the kernel itself refuses, in one step, when somebody's qdisc is there already.
  NetlinkMessage message(RTM_NEWQDISC, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
  message.Append(TrafficHeader(interface_index, handle));
  message.AddString(TCA_KIND, "netem");
  const std::size_t options = message.BeginNest(TCA_OPTIONS);
  tc_netem_qopt fixed{};
  fixed.latency = Ticks(settings.latency_ns);
  fixed.limit = settings.limit;
  fixed.loss = settings.loss;
  fixed.jitter = Ticks(settings.jitter_ns);
  message.Append(fixed);
  message.AddValue(TCA_NETEM_LATENCY64, settings.latency_ns);
  message.AddValue(TCA_NETEM_JITTER64, settings.jitter_ns);
  message.EndNest(options);
  return message;
}

NetlinkMessage DeleteRootQdiscMessage(int interface_index, std::uint32_t handle) {
  NetlinkMessage message(RTM_DELQDISC, NLM_F_REQUEST | NLM_F_ACK);
  message.Append(TrafficHeader(interface_index, handle));
  return message;
}

NetlinkMessage ListQdiscsMessage(int interface_index) {
  NetlinkMessage message(RTM_GETQDISC, NLM_F_REQUEST | NLM_F_DUMP);
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = interface_index;
  message.Append(header);
  return message;
}

std::optional<Qdisc> ParseQdisc(Bytes payload) {
  const auto header = ReadValue<tcmsg>(payload);
  if (!header) return std::nullopt;
  const Bytes attributes = AfterHeader<tcmsg>(payload);
  const auto kind = FindAttribute(attributes, TCA_KIND);
  if (!kind) return std::nullopt;
  Qdisc qdisc;
  qdisc.interface_index = header->tcm_ifindex;
  qdisc.handle = header->tcm_handle;
  qdisc.parent = header->tcm_parent;
  qdisc.kind = ReadString(*kind);
  if (qdisc.kind == "netem") {
    if (const auto options = FindAttribute(attributes, TCA_OPTIONS)) {
      qdisc.netem = ParseNetem(*options);
    }
  }
  return qdisc;
}

Result<std::optional<Qdisc>> RootQdisc(NetlinkSocket& route, int interface_index) {
  std::optional<Qdisc> root;
  Status dumped = route.Dump(ListQdiscsMessage(interface_index), [&](Bytes payload) {
    std::optional<Qdisc> qdisc = ParseQdisc(payload);
    // Older kernels ignore the interface in the request and dump all of them.
    if (qdisc && qdisc->interface_index == interface_index && qdisc->IsRoot()) root = qdisc;
  });
  if (!dumped.ok()) return dumped.error();
  return root;
}

}  // namespace grayling::probe
