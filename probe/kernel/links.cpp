#include "probe/kernel/links.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace grayling::probe {
namespace {

int NumberAttribute(Bytes attributes, std::uint16_t type) {
  const auto content = FindAttribute(attributes, type);
  if (!content) return 0;
  return static_cast<int>(ReadValue<std::uint32_t>(*content).value_or(0));
}

}  // namespace

Result<std::vector<Link>> ListLinks(NetlinkSocket& route) {
  NetlinkMessage request(RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP);
  request.Append(ifinfomsg{});
  std::vector<Link> links;
  Status dumped = route.Dump(request, [&links](Bytes payload) {
    const auto header = ReadValue<ifinfomsg>(payload);
    if (!header) return;
    const Bytes attributes = AfterHeader<ifinfomsg>(payload);
    Link link;
    link.index = header->ifi_index;
    link.peer_index = NumberAttribute(attributes, IFLA_LINK);
    link.queue_length = NumberAttribute(attributes, IFLA_TXQLEN);
    link.master_index = NumberAttribute(attributes, IFLA_MASTER);
    if (const auto name = FindAttribute(attributes, IFLA_IFNAME)) link.name = ReadString(*name);
    links.push_back(std::move(link));
  });
  if (!dumped.ok()) return dumped.error();
  return links;
}

Result<std::optional<Link>> FindLink(NetlinkSocket& route, int index) {
  Result<std::vector<Link>> links = ListLinks(route);
  if (!links.ok()) return links.error();
  for (Link& link : *links) {
    if (link.index == index) return std::optional<Link>(std::move(link));
  }
  return std::optional<Link>();
}

NetlinkMessage SetQueueLengthMessage(int index, int queue_length) {
  NetlinkMessage message(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK);
  ifinfomsg header{};
  header.ifi_index = index;
  message.Append(header);
  message.AddValue(IFLA_TXQLEN, static_cast<std::uint32_t>(queue_length));
  return message;
}

}  // namespace grayling::probe
