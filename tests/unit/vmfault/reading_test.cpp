#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vmfault/domain_devices.h"
#include "vmfault/qemu_network.h"

namespace grayling::vmfault {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Cut from libvirt 9's live XML of a lab guest.
constexpr char kDomain[] = R"(<domain type='qemu' id='2'
    xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>lab</name>
  <devices>
    <disk type='file' device='disk'><target dev='vda' bus='virtio'/></disk>
    <disk type='file' device='disk'><target dev='vdb' bus='virtio'/><readonly/></disk>
    <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
    <interface type='ethernet'>
      <mac address='52:54:00:77:00:02'/><target dev='gvt0' managed='no'/>
      <link state='down'/><alias name='net0'/>
    </interface>
    <interface type='user'><mac address='52:54:00:77:00:03'/><alias name='net1'/></interface>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-netdev'/>
    <qemu:arg value='user,id=n0,hostfwd=tcp:127.0.0.1:29100-:9100'/>
    <qemu:arg value='-device'/><qemu:arg value='virtio-net-pci,netdev=n0,id=x'/>
  </qemu:commandline>
</domain>)";

TEST(DomainDevices, OnlyDisksThatCanBeWrittenCountAsSuch) {
  const auto devices = ParseDomainDevices(kDomain);
  ASSERT_TRUE(devices.ok());
  std::vector<std::string> writable;
  for (const DomainDisk& disk : devices->disks) {
    if (disk.is_writable) writable.push_back(disk.target);
  }
  EXPECT_THAT(writable, ElementsAre("vda"));
}

TEST(DomainDevices, ATapIsToldFromAUserModeCard) {
  const auto devices = ParseDomainDevices(kDomain);
  ASSERT_TRUE(devices.ok());
  ASSERT_EQ(devices->interfaces.size(), 2U);
  EXPECT_TRUE(devices->interfaces[0].has_tap);
  EXPECT_EQ(devices->interfaces[0].link_state, "down");
  EXPECT_FALSE(devices->interfaces[1].has_tap);
  EXPECT_EQ(devices->interfaces[1].link_state, "");
}

TEST(DomainDevices, NetdevsOfTheCommandLineAreFoundAndDevicesAreNot) {
  const auto devices = ParseDomainDevices(kDomain);
  ASSERT_TRUE(devices.ok());
  EXPECT_THAT(devices->own_netdevs, ElementsAre("n0"));
}

TEST(DomainDevices, AnInterfacesLinkIsReplacedAndTheRestKept) {
  const auto up = InterfaceXml(kDomain, "52:54:00:77:00:02", "up");
  ASSERT_TRUE(up.ok());
  EXPECT_THAT(*up, HasSubstr("link state=\"up\""));
  EXPECT_THAT(*up, Not(HasSubstr("down")));
  EXPECT_THAT(*up, HasSubstr("gvt0"));
  const auto none = InterfaceXml(kDomain, "52:54:00:77:00:02", "");
  ASSERT_TRUE(none.ok());
  EXPECT_THAT(*none, Not(HasSubstr("<link")));
  EXPECT_FALSE(InterfaceXml(kDomain, "52:54:00:00:00:00", "up").ok());
}

TEST(DomainDevices, WhatIsNoXmlIsAnError) {
  EXPECT_FALSE(ParseDomainDevices("<domain>").ok());
  EXPECT_FALSE(ParseDomainDevices("").ok());
}

TEST(InfoNetwork, CardsAreFoundWithTheirBackends) {
  const std::vector<QemuNic> nics = ParseInfoNetwork(
      "virtio-net-pci.0: index=0,type=nic,model=virtio-net-pci,macaddr=52:54:00:12:34:56\r\n"
      " \\ n0: index=0,type=user,net=10.0.2.0,restrict=off\r\n"
      "filters:\r\n"
      "  - gray0: type=filter-buffer,interval=50000,position=tail,netdev=n0,queue=all\r\n"
      "net0: index=0,type=nic,model=virtio-net-pci,macaddr=52:54:00:77:00:02\r\n"
      " \\ hostnet0: index=0,type=tap,fd=37\r\n");
  ASSERT_EQ(nics.size(), 2U);
  EXPECT_EQ(nics[0].netdev, "n0");
  EXPECT_EQ(nics[0].mac, "52:54:00:12:34:56");
  EXPECT_EQ(nics[0].backend_type, "user");
  EXPECT_EQ(nics[1].netdev, "hostnet0");
  EXPECT_EQ(nics[1].backend_type, "tap");
}

TEST(InfoNetwork, NothingIsMadeOfNonsense) {
  EXPECT_TRUE(ParseInfoNetwork("").empty());
  EXPECT_TRUE(ParseInfoNetwork(" \\ n0: index=0,type=user").empty());
  EXPECT_TRUE(VirtioNetConfigAddresses(nlohmann::json::object()).empty());
  EXPECT_TRUE(VirtioNetConfigAddresses({{{"devices", 5}}}).empty());
}

}  // namespace
}  // namespace grayling::vmfault
