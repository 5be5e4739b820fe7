#include "daemon/vm/domain_xml.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

std::string TextElement(absl::string_view name, absl::string_view text) {
  if (text.empty()) return "";
  return absl::StrCat("  <", name, ">", XmlEscape(text), "</", name, ">\n");
}

std::string Disk(absl::string_view path, absl::string_view device, bool read_only) {
  const absl::string_view format = absl::EndsWith(path, ".qcow2") ? "qcow2" : "raw";
  // The root disk is a throw-away overlay: its content need not survive the host's power loss.
  const absl::string_view cache = read_only ? "" : " cache='unsafe'";
  return absl::StrCat("    <disk type='file' device='disk'>\n      <driver name='qemu' type='",
                      format, "'", cache, "/>\n      <source file='", XmlEscape(path),
                      "'/>\n      <target dev='", device, "' bus='virtio'/>\n",
                      read_only ? "      <readonly/>\n" : "", "    </disk>\n");
}

std::string Console(absl::string_view log_path) {
  if (log_path.empty()) return "    <serial type='null'/>\n";
  return absl::StrCat("    <serial type='file'>\n      <source path='", XmlEscape(log_path),
                      "'/>\n    </serial>\n");
}

// User-mode networking is not expressible with forwards in libvirt 9, so QEMU gets it directly. The
// fixed slot keeps clear of those that libvirt assigns.
std::string Network(const std::vector<PortForward>& forwards) {
  std::string netdev = "user,id=n0";
  for (const PortForward& forward : forwards) {
    absl::StrAppend(&netdev, ",hostfwd=tcp:127.0.0.1:", forward.host_port,
                    "-:", forward.guest_port);
  }
  return absl::StrCat(
      "  <qemu:commandline>\n"
      "    <qemu:arg value='-netdev'/>\n    <qemu:arg value='",
      netdev,
      "'/>\n    <qemu:arg value='-device'/>\n"
      "    <qemu:arg value='virtio-net-pci,netdev=n0,bus=pcie.0,addr=0x10'/>\n"
      "  </qemu:commandline>\n");
}

}  // namespace

std::string XmlEscape(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"'", "&apos;"}, {"\"", "&quot;"}});
}

absl::StatusOr<std::string> DomainTypeOf(absl::string_view accelerator) {
  if (accelerator == "kvm") return std::string("kvm");
  if (accelerator == "tcg") return std::string("qemu");
  return absl::InvalidArgumentError(
      absl::StrCat("accelerator '", accelerator, "' is unknown; use kvm or tcg"));
}

absl::StatusOr<std::string> DomainXml(const VmDefinition& definition, absl::string_view domain_type,
                                      absl::string_view uuid) {
  GRAYLING_RETURN_IF_ERROR(CheckDefinition(definition));
  const absl::string_view cpu_mode = domain_type == "kvm" ? "host-passthrough" : "maximum";
  return absl::StrCat(
      "<domain type='", XmlEscape(domain_type),
      "' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n",
      TextElement("name", definition.id), TextElement("uuid", uuid), "  <memory unit='MiB'>",
      definition.memory_mib, "</memory>\n  <vcpu>", definition.vcpus,
      "</vcpu>\n  <os>\n    <type machine='q35'>hvm</type>\n",
      TextElement("kernel", definition.kernel_path), TextElement("initrd", definition.initrd_path),
      TextElement("cmdline", definition.kernel_arguments),
      "  </os>\n  <features><acpi/><apic/></features>\n  <cpu mode='", cpu_mode,
      "'/>\n  <on_poweroff>destroy</on_poweroff>\n  <on_reboot>restart</on_reboot>\n"
      "  <on_crash>destroy</on_crash>\n  <devices>\n",
      Disk(definition.disk_path, "vda", /*read_only=*/false),
      definition.payload_path.empty() ? ""
                                      : Disk(definition.payload_path, "vdb", /*read_only=*/true),
      Console(definition.console_log_path),
      "    <channel type='unix'>\n"
      "      <target type='virtio' name='org.qemu.guest_agent.0'/>\n    </channel>\n"
      "    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>\n"
      "    <memballoon model='none'/>\n  </devices>\n",
      Network(definition.forwards), "</domain>\n");
}

}  // namespace grayling
