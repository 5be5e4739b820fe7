#include "probe/kernel/qdisc.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstdio>

namespace grayling::probe {
namespace {

tcmsg TrafficHeader(int interface_index, std::uint32_t handle, std::uint32_t parent) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = interface_index;
  header.tcm_handle = handle;
  header.tcm_parent = parent;
  return header;
}

std::uint16_t FlagsOf(QdiscChange change) {
  switch (change) {
    case QdiscChange::kAdd:
      return NLM_F_CREATE | NLM_F_EXCL;
    case QdiscChange::kReplace:
      return NLM_F_CREATE | NLM_F_REPLACE;
    case QdiscChange::kTune:
      return NLM_F_REPLACE;
  }
  return 0;
}

}  // namespace

bool Qdisc::IsRoot() const { return parent == TC_H_ROOT; }

bool Qdisc::IsIngress() const { return parent == TC_H_INGRESS; }

std::optional<NetemSettings> Qdisc::Netem() const {
  return kind == "netem" ? ParseNetemOptions(options) : std::nullopt;
}

std::string Describe(const Qdisc& qdisc) {
  char handle[16];
  std::snprintf(handle, sizeof handle, " %x:", qdisc.handle >> 16);
  const std::optional<NetemSettings> netem = qdisc.Netem();
  return qdisc.kind + handle + (netem ? " (" + Describe(*netem) + ")" : "");
}

NetlinkMessage SetQdiscMessage(const Qdisc& qdisc, QdiscChange change) {
  NetlinkMessage message(RTM_NEWQDISC,
                         static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | FlagsOf(change)));
  message.Append(TrafficHeader(qdisc.interface_index, qdisc.handle, qdisc.parent));
  message.AddString(TCA_KIND, qdisc.kind);
  if (!qdisc.options.empty()) {
    message.AddBytes(TCA_OPTIONS, qdisc.options.data(), qdisc.options.size());
  }
  return message;
}

NetlinkMessage DeleteRootQdiscMessage(int interface_index, std::uint32_t handle) {
  NetlinkMessage message(RTM_DELQDISC, NLM_F_REQUEST | NLM_F_ACK);
  message.Append(TrafficHeader(interface_index, handle, TC_H_ROOT));
  return message;
}

NetlinkMessage ListQdiscsMessage(int interface_index) {
  NetlinkMessage message(RTM_GETQDISC, NLM_F_REQUEST | NLM_F_DUMP);
  message.Append(TrafficHeader(interface_index, 0, 0));
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
  qdisc.has_size_table = FindAttribute(attributes, TCA_STAB).has_value();
  if (const auto options = FindAttribute(attributes, TCA_OPTIONS)) {
    qdisc.options.assign(options->begin(), options->end());
  }
  return qdisc;
}

Result<std::vector<Qdisc>> ListQdiscs(NetlinkSocket& route, int interface_index) {
  std::vector<Qdisc> qdiscs;
  Status dumped = route.Dump(ListQdiscsMessage(interface_index), [&](Bytes payload) {
    std::optional<Qdisc> qdisc = ParseQdisc(payload);
    // The kernel ignores the interface in the request and dumps all of them.
    if (qdisc && qdisc->interface_index == interface_index) qdiscs.push_back(std::move(*qdisc));
  });
  if (!dumped.ok()) return dumped.error();
  return qdiscs;
}

Result<std::optional<Qdisc>> RootQdisc(NetlinkSocket& route, int interface_index) {
  Result<std::vector<Qdisc>> qdiscs = ListQdiscs(route, interface_index);
  if (!qdiscs.ok()) return qdiscs.error();
  std::optional<Qdisc> root;
  for (Qdisc& qdisc : *qdiscs) {
    if (qdisc.IsRoot()) root = std::move(qdisc);
  }
  return root;
}

}  // namespace grayling::probe
