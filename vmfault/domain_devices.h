#pragma once

#include <string>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::vmfault {

struct DomainDisk {
  std::string target;  // vda
  bool is_writable = false;
};

struct DomainInterface {
  std::string mac;
  std::string alias;       // net0; its netdev in QEMU is hostnet0
  std::string link_state;  // up, down, or empty: not set
  bool has_tap = false;    // a device of the host that can be throttled
};

// What libvirt's live XML says of a domain.
struct DomainDevices {
  std::vector<DomainDisk> disks;
  std::vector<DomainInterface> interfaces;
  // Ids of QEMU's -netdev arguments given by hand (qemu:commandline): libvirt does not know these.
  std::vector<std::string> own_netdevs;
};

probe::Result<DomainDevices> ParseDomainDevices(const std::string& xml);

// The same XML element of one interface with the link state set as given; empty: without one. An
// error when there is no interface with this MAC address.
probe::Result<std::string> InterfaceXml(const std::string& domain_xml, const std::string& mac,
                                        const std::string& link_state);

}  // namespace grayling::vmfault
