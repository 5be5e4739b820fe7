#include "vmfault/domain_devices.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <functional>
#include <memory>
#include <set>
#include <string_view>

namespace grayling::vmfault {
namespace {

using Document = std::unique_ptr<xmlDoc, void (*)(xmlDocPtr)>;
using Buffer = std::unique_ptr<xmlBuffer, void (*)(xmlBufferPtr)>;

const xmlChar* Xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

std::string TextOf(xmlChar* text) {
  const std::unique_ptr<xmlChar, void (*)(void*)> owner(text, xmlFree);
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

std::string Attribute(xmlNodePtr node, const char* name) {
  return node == nullptr ? std::string() : TextOf(xmlGetProp(node, Xml(name)));
}

bool IsNamed(xmlNodePtr node, std::string_view name) {
  return node->type == XML_ELEMENT_NODE && name == reinterpret_cast<const char*>(node->name);
}

xmlNodePtr ChildOrNull(xmlNodePtr parent, std::string_view name) {
  if (parent == nullptr) return nullptr;
  for (xmlNodePtr child = parent->children; child != nullptr; child = child->next) {
    if (IsNamed(child, name)) return child;
  }
  return nullptr;
}

void ForEachChild(xmlNodePtr parent, std::string_view name,
                  const std::function<void(xmlNodePtr)>& visit) {
  if (parent == nullptr) return;
  for (xmlNodePtr child = parent->children; child != nullptr; child = child->next) {
    if (IsNamed(child, name)) visit(child);
  }
}

probe::Result<Document> Parse(const std::string& xml) {
  Document document(xmlReadMemory(xml.data(), static_cast<int>(xml.size()), "domain.xml", nullptr,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
                    xmlFreeDoc);
  if (document == nullptr || xmlDocGetRootElement(document.get()) == nullptr) {
    return probe::Error{"libvirt's XML of the domain cannot be read"};
  }
  return document;
}

DomainDisk DiskOf(xmlNodePtr disk) {
  const bool is_disk = Attribute(disk, "device").empty() || Attribute(disk, "device") == "disk";
  return {Attribute(ChildOrNull(disk, "target"), "dev"),
          is_disk && ChildOrNull(disk, "readonly") == nullptr};
}

DomainInterface InterfaceOf(xmlNodePtr interface) {
  static const std::set<std::string> kWithTap = {"bridge", "direct", "ethernet", "network"};
  return {Attribute(ChildOrNull(interface, "mac"), "address"),
          Attribute(ChildOrNull(interface, "alias"), "name"),
          Attribute(ChildOrNull(interface, "link"), "state"),
          kWithTap.count(Attribute(interface, "type")) > 0};
}

// "user,id=n0,hostfwd=..." -> "n0"
std::string IdOfNetdev(const std::string& argument) {
  const std::size_t at = argument.find(",id=");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + 4;
  return argument.substr(begin, argument.find(',', begin) - begin);
}

}  // namespace

probe::Result<DomainDevices> ParseDomainDevices(const std::string& xml) {
  const probe::Result<Document> document = Parse(xml);
  if (!document.ok()) return document.error();
  const xmlNodePtr domain = xmlDocGetRootElement(document->get());
  const xmlNodePtr devices = ChildOrNull(domain, "devices");
  DomainDevices found;
  ForEachChild(devices, "disk", [&](xmlNodePtr disk) { found.disks.push_back(DiskOf(disk)); });
  ForEachChild(devices, "interface",
               [&](xmlNodePtr interface) { found.interfaces.push_back(InterfaceOf(interface)); });
  bool is_netdev = false;
  ForEachChild(ChildOrNull(domain, "commandline"), "arg", [&](xmlNodePtr argument) {
    const std::string value = Attribute(argument, "value");
    const std::string id = is_netdev ? IdOfNetdev(value) : "";
    if (!id.empty()) found.own_netdevs.push_back(id);
    is_netdev = value == "-netdev";
  });
  return found;
}

probe::Result<std::string> InterfaceXml(const std::string& domain_xml, const std::string& mac,
                                        const std::string& link_state) {
  const probe::Result<Document> document = Parse(domain_xml);
  if (!document.ok()) return document.error();
  const xmlNodePtr devices = ChildOrNull(xmlDocGetRootElement(document->get()), "devices");
  xmlNodePtr wanted = nullptr;
  ForEachChild(devices, "interface", [&](xmlNodePtr interface) {
    if (InterfaceOf(interface).mac == mac) wanted = interface;
  });
  if (wanted == nullptr) return probe::Error{"the domain has no interface " + mac};
  if (xmlNodePtr link = ChildOrNull(wanted, "link"); link != nullptr) {
    xmlUnlinkNode(link);
    xmlFreeNode(link);
  }
  if (!link_state.empty()) {
    xmlNodePtr link = xmlNewChild(wanted, nullptr, Xml("link"), nullptr);
    xmlNewProp(link, Xml("state"), Xml(link_state.c_str()));
  }
  const Buffer text(xmlBufferCreate(), xmlBufferFree);
  xmlNodeDump(text.get(), document->get(), wanted, 0, 0);
  return std::string(reinterpret_cast<const char*>(xmlBufferContent(text.get())));
}

}  // namespace grayling::vmfault
