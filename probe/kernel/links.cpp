#include "probe/kernel/links.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace grayling::probe {
namespace {

int IndexAttribute(Bytes attributes, std::uint16_t type) {
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
    link.peer_index = IndexAttribute(attributes, IFLA_LINK);
    link.master_index = IndexAttribute(attributes, IFLA_MASTER);
    if (const auto name = FindAttribute(attributes, IFLA_IFNAME)) link.name = ReadString(*name);
    links.push_back(std::move(link));
  });
  if (!dumped.ok()) return dumped.error();
  return links;
}

}  // namespace grayling::probe
