#include "vmfault/qemu_network.h"

#include <cstdio>
#include <sstream>

namespace grayling::vmfault {
namespace {

using nlohmann::json;

constexpr std::int64_t kEthernet = 0x0200;  // PCI class
constexpr std::int64_t kVirtioVendor = 0x1af4;
constexpr int kVirtioBar = 4;
constexpr std::uint64_t kDeviceConfigOffset = 0x2000;
constexpr std::size_t kMacBytes = 6;

// The text after `key` up to the next comma; empty when the key is not there.
std::string Field(const std::string& line, const std::string& key) {
  const std::size_t at = line.find(key);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + key.size();
  return line.substr(begin, line.find_first_of(",\r\n", begin) - begin);
}

std::int64_t NumberOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
}

const json& ListOf(const json& object, const char* key) {
  static const json none = json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : none;
}

void CollectConfigAddresses(const json& devices, std::vector<std::uint64_t>& addresses) {
  for (const json& device : devices) {
    if (device.contains("pci_bridge")) {
      CollectConfigAddresses(ListOf(device["pci_bridge"], "devices"), addresses);
    }
    const json kind = device.value("class_info", json::object());
    const json id = device.value("id", json::object());
    if (NumberOf(kind, "class") != kEthernet || NumberOf(id, "vendor") != kVirtioVendor) continue;
    for (const json& region : ListOf(device, "regions")) {
      if (NumberOf(region, "bar") != kVirtioBar || NumberOf(region, "address") <= 0) continue;
      addresses.push_back(static_cast<std::uint64_t>(NumberOf(region, "address")) +
                          kDeviceConfigOffset);
    }
  }
}

// "00000000fea02000: 0x52 0x54 ..." -> bytes.
std::vector<unsigned int> BytesOf(const std::string& dump) {
  std::vector<unsigned int> bytes;
  std::istringstream words(dump.substr(dump.find(':') + 1));
  for (std::string word; words >> word;) {
    unsigned int byte = 0;
    if (std::sscanf(word.c_str(), "0x%2x", &byte) == 1) bytes.push_back(byte);
  }
  return bytes;
}

std::string MacOf(const std::vector<unsigned int>& bytes) {
  std::string mac;
  for (std::size_t i = 0; i < kMacBytes; ++i) {
    char part[8];
    std::snprintf(part, sizeof part, "%s%02x", i == 0 ? "" : ":", bytes[i]);
    mac += part;
  }
  return mac;
}

}  // namespace

std::vector<QemuNic> ParseInfoNetwork(const std::string& text) {
  std::vector<QemuNic> nics;
  std::istringstream lines(text);
  QemuNic card;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("type=nic") != std::string::npos) {
      card = {Field(line, "macaddr="), "", ""};
    } else if (line.rfind(" \\ ", 0) == 0 && !card.mac.empty()) {
      card.netdev = line.substr(3, line.find(':') - 3);
      card.backend_type = Field(line, "type=");
      nics.push_back(card);
      card = {};
    }
  }
  return nics;
}

Result<std::vector<QemuNic>> FindQemuNics(Machine& machine, const std::string& wanted) {
  Result<std::string> text = machine.HumanMonitor("info network");
  if (!text.ok()) return text.error();
  std::vector<QemuNic> nics;
  for (const QemuNic& nic : ParseInfoNetwork(*text)) {
    if (wanted.empty() || wanted == nic.mac || wanted == nic.netdev) nics.push_back(nic);
  }
  if (!nics.empty()) return nics;
  return Error{wanted.empty() ? "the VM has no network card"
                              : "the VM has no network card '" + wanted + "'"};
}

std::vector<std::uint64_t> VirtioNetConfigAddresses(const json& query_pci) {
  std::vector<std::uint64_t> addresses;
  if (!query_pci.is_array()) return addresses;
  for (const json& bus : query_pci) CollectConfigAddresses(ListOf(bus, "devices"), addresses);
  return addresses;
}

Result<std::optional<bool>> IsLinkUp(Machine& machine, const std::string& mac) {
  const Result<json> pci = machine.Monitor("query-pci", json::object());
  if (!pci.ok()) return pci.error();
  for (const std::uint64_t address : VirtioNetConfigAddresses(*pci)) {
    char line[48];
    std::snprintf(line, sizeof line, "xp /8bx 0x%llx", static_cast<unsigned long long>(address));
    const Result<std::string> dump = machine.HumanMonitor(line);
    if (!dump.ok()) return dump.error();
    const std::vector<unsigned int> bytes = BytesOf(*dump);
    if (bytes.size() < kMacBytes + 2 || MacOf(bytes) != mac) continue;
    return std::optional<bool>((bytes[kMacBytes] & 1U) != 0);
  }
  return std::optional<bool>();
}

}  // namespace grayling::vmfault
