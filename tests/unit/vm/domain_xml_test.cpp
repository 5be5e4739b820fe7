#include "daemon/vm/domain_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

VmDefinition Lab() {
  VmDefinition lab;
  lab.id = "lab";
  lab.kernel_path = "/images/vmlinuz";
  lab.initrd_path = "/images/initrd.img";
  lab.kernel_arguments = "root=/dev/vda rw console=ttyS0";
  lab.disk_path = "/images/disk.qcow2";
  lab.forwards = {{80, 20080}, {9435, 20081}};
  lab.console_log_path = "/logs/lab.log";
  return lab;
}

std::string XmlOf(const VmDefinition& definition) { return *DomainXml(definition, "qemu"); }

TEST(DomainXml, BootsTheKernelDirectlyOnAQ35Machine) {
  const std::string xml = XmlOf(Lab());
  EXPECT_THAT(xml, HasSubstr("<type machine='q35'>hvm</type>"));
  EXPECT_THAT(xml, HasSubstr("<kernel>/images/vmlinuz</kernel>"));
  EXPECT_THAT(xml, HasSubstr("<initrd>/images/initrd.img</initrd>"));
  EXPECT_THAT(xml, HasSubstr("<cmdline>root=/dev/vda rw console=ttyS0</cmdline>"));
}

TEST(DomainXml, ShowsTheHostsProcessorOnlyWhereTheHostRunsIt) {
  EXPECT_THAT(*DomainXml(Lab(), "kvm"), HasSubstr("<cpu mode='host-passthrough'/>"));
  EXPECT_THAT(*DomainXml(Lab(), "qemu"), HasSubstr("<cpu mode='maximum'/>"));
}

TEST(DomainXml, TakesTheDiskFormatFromTheFileName) {
  VmDefinition lab = Lab();
  EXPECT_THAT(XmlOf(lab), HasSubstr("type='qcow2' cache='unsafe'"));
  lab.disk_path = "/images/disk.raw";
  EXPECT_THAT(XmlOf(lab), HasSubstr("type='raw' cache='unsafe'"));
}

TEST(DomainXml, AttachesThePayloadReadOnlyAndOnlyIfThereIsOne) {
  VmDefinition lab = Lab();
  EXPECT_THAT(XmlOf(lab), Not(HasSubstr("vdb")));
  lab.payload_path = "/images/payload.img";
  EXPECT_THAT(XmlOf(lab), HasSubstr("<source file='/images/payload.img'/>\n"
                                    "      <target dev='vdb' bus='virtio'/>\n"
                                    "      <readonly/>"));
}

TEST(DomainXml, ForwardsPortsFromLoopbackOnly) {
  EXPECT_THAT(XmlOf(Lab()), HasSubstr("value='user,id=n0,hostfwd=tcp:127.0.0.1:20080-:80,"
                                      "hostfwd=tcp:127.0.0.1:20081-:9435'"));
}

TEST(DomainXml, CarriesTheUuidOfWhatItReplacesOrNone) {
  EXPECT_THAT(XmlOf(Lab()), Not(HasSubstr("uuid")));
  EXPECT_THAT(*DomainXml(Lab(), "qemu", "c7a5fdbd-edaf-9455-926a-d65c16db1809"),
              HasSubstr("<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>"));
}

TEST(DomainXml, EscapesWhatXmlReserves) {
  VmDefinition lab = Lab();
  lab.kernel_arguments = "a='<&>\"'";
  lab.disk_path = "/a'/><x>.raw";
  const std::string xml = XmlOf(lab);
  EXPECT_THAT(xml, HasSubstr("<cmdline>a=&apos;&lt;&amp;&gt;&quot;&apos;</cmdline>"));
  EXPECT_THAT(xml, HasSubstr("<source file='/a&apos;/&gt;&lt;x&gt;.raw'/>"));
}

// The slow twin: one character after the other.
RC_GTEST_PROP(XmlEscape, AgreesWithEscapingCharacterByCharacter, (const std::string& text)) {
  std::string expected;
  for (const char c : text) {
    if (c == '&')
      expected += "&amp;";
    else if (c == '<')
      expected += "&lt;";
    else if (c == '>')
      expected += "&gt;";
    else if (c == '\'')
      expected += "&apos;";
    else if (c == '"')
      expected += "&quot;";
    else
      expected += c;
  }
  RC_ASSERT(XmlEscape(text) == expected);
}

struct BadField {
  const char* sentence_has;
  void (*spoil)(VmDefinition&);
};

class CheckDefinitionRefuses : public ::testing::TestWithParam<BadField> {};

TEST_P(CheckDefinitionRefuses, WithASentenceThatNamesTheField) {
  VmDefinition lab = Lab();
  ASSERT_TRUE(CheckDefinition(lab).ok());
  GetParam().spoil(lab);
  const absl::Status status = CheckDefinition(lab);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().sentence_has));
  EXPECT_EQ(DomainXml(lab, "qemu").status(), status);
}

INSTANTIATE_TEST_SUITE_P(
    EveryField, CheckDefinitionRefuses,
    ::testing::Values(
        BadField{"VM id ''", [](VmDefinition& vm) { vm.id = ""; }},
        BadField{"VM id '../lab'", [](VmDefinition& vm) { vm.id = "../lab"; }},
        BadField{"VM id '-lab'", [](VmDefinition& vm) { vm.id = "-lab"; }},
        BadField{"VM id", [](VmDefinition& vm) { vm.id = std::string(64, 'a'); }},
        BadField{"accelerator 'xen'", [](VmDefinition& vm) { vm.accelerator = "xen"; }},
        BadField{"kernel_path is empty", [](VmDefinition& vm) { vm.kernel_path = ""; }},
        BadField{"disk_path is empty", [](VmDefinition& vm) { vm.disk_path = ""; }},
        BadField{"disk_path 'disk.raw' is relative",
                 [](VmDefinition& vm) { vm.disk_path = "disk.raw"; }},
        BadField{"kernel_arguments contains a control character",
                 [](VmDefinition& vm) { vm.kernel_arguments = "a\nb"; }},
        BadField{"vcpus is 0", [](VmDefinition& vm) { vm.vcpus = 0; }},
        BadField{"memory_mib is 64", [](VmDefinition& vm) { vm.memory_mib = 64; }},
        BadField{"guest_port 0",
                 [](VmDefinition& vm) {
                   vm.forwards = {{0, 20080}};
                 }},
        BadField{"host_port 20080 is given to two forwards", [](VmDefinition& vm) {
                   vm.forwards = {{80, 20080}, {81, 20080}};
                 }}));

TEST(CheckDefinition, AllowsSeveralForwardsWhosePortIsStillOpen) {
  VmDefinition lab = Lab();
  lab.forwards = {{80, 0}, {81, 0}};
  EXPECT_TRUE(CheckDefinition(lab).ok());
}

}  // namespace
}  // namespace grayling
