#include "vmfault/nic_delay.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "probe/fault/id_hash.h"
#include "vmfault/qemu_network.h"

namespace grayling::vmfault {
namespace {

using nlohmann::json;

constexpr char kNetdevs[] = "netdevs";  // key in Earlier

json Property(const std::string& filter, const char* name) {
  return {{"path", "/objects/" + filter}, {"property", name}};
}

std::string Prefix(const std::string& id) {
  char text[32];
  std::snprintf(text, sizeof text, "grayling-%08x-", probe::IdHash(id));
  return text;
}

}  // namespace

std::string NicDelay::FilterOf(const std::string& netdev) const {
  return Prefix(order().id) + netdev;
}

std::vector<std::string> NicDelay::Netdevs() const {
  std::vector<std::string> netdevs;
  std::istringstream words(order().Earlier(kNetdevs));
  for (std::string word; words >> word;) netdevs.push_back(word);
  return netdevs;
}

Result<Earlier> NicDelay::Look(Machine& machine) {
  Result<std::vector<QemuNic>> nics = FindQemuNics(machine, order().Option("nic"));
  if (!nics.ok()) return nics.error();
  std::string netdevs;
  for (const QemuNic& nic : *nics) netdevs += (netdevs.empty() ? "" : " ") + nic.netdev;
  return Earlier{{kNetdevs, netdevs}};
}

Result<std::vector<std::string>> NicDelay::Filters(Machine& machine) const {
  const Result<json> objects = machine.Monitor("qom-list", {{"path", "/objects"}});
  if (!objects.ok()) return objects.error();
  std::vector<std::string> filters;
  for (const json& object : *objects) {
    const std::string name = object.value("name", "");
    if (name.rfind(Prefix(order().id), 0) == 0) filters.push_back(name);
  }
  return filters;
}

Result<std::int64_t> NicDelay::SetFilter(Machine& machine, const std::string& netdev,
                                         std::int64_t interval_us) const {
  const std::string filter = FilterOf(netdev);
  const Result<std::vector<std::string>> filters = Filters(machine);
  if (!filters.ok()) return filters.error();
  const bool is_there = std::find(filters->begin(), filters->end(), filter) != filters->end();
  Result<json> done = json();
  if (interval_us <= 0) {
    // QEMU knows no interval of zero. Its packets leave at once when the filter goes.
    if (is_there) done = machine.Monitor("object-del", {{"id", filter}});
    if (!done.ok()) return done.error();
    return std::int64_t{0};
  }
  if (is_there) {
    json change = Property(filter, "interval");
    change["value"] = interval_us;
    done = machine.Monitor("qom-set", change);
  } else {
    done = machine.Monitor("object-add", {{"qom-type", "filter-buffer"},
                                          {"id", filter},
                                          {"netdev", netdev},
                                          {"queue", "all"},
                                          {"interval", interval_us}});
  }
  if (!done.ok()) return done.error();
  const Result<json> read = machine.Monitor("qom-get", Property(filter, "interval"));
  if (!read.ok()) return read.error();
  if (!read->is_number_integer()) return Error{"QEMU reads back no interval of " + filter};
  return read->get<std::int64_t>();
}

Result<probe::ReadBack> NicDelay::Set(Machine& machine, double share) {
  const auto wanted_us = static_cast<std::int64_t>(std::llround(IntensityAtShare(share) * 1000));
  probe::ReadBack read_back;
  for (const std::string& netdev : Netdevs()) {
    Result<std::int64_t> read = SetFilter(machine, netdev, wanted_us);
    if (!read.ok()) return read.error();
    if (*read != wanted_us) {
      return Error{"the filter on " + netdev + " should hold " + std::to_string(wanted_us) +
                   " us, but QEMU reads back " + std::to_string(*read)};
    }
    read_back.text += (read_back.text.empty() ? "" : "; ") + netdev + ": filter-buffer, interval " +
                      std::to_string(*read) + " us, both directions";
    read_back.values[IntensityName()] = static_cast<double>(*read) / 1000;
  }
  read_back.text += "; by QEMU's monitor, which taints the domain";
  interval_us_ = wanted_us;
  return read_back;
}

Status NicDelay::Check(Machine& machine) {
  if (interval_us_ <= 0) return Done{};
  for (const std::string& netdev : Netdevs()) {
    const Result<json> read = machine.Monitor("qom-get", Property(FilterOf(netdev), "interval"));
    if (!read.ok()) return read.error();
    if (*read != interval_us_) return Error{"somebody changed the filter on " + netdev};
  }
  return Done{};
}

Status NicDelay::TakeBack(Machine& machine) {
  Result<std::vector<std::string>> filters = Filters(machine);
  if (!filters.ok()) return filters.error();
  for (const std::string& filter : *filters) {
    // What it refuses shows in what is left.
    static_cast<void>(machine.Monitor("object-del", {{"id", filter}}));
  }
  filters = Filters(machine);
  if (!filters.ok()) return filters.error();
  if (filters->empty()) return Done{};
  return Error{"QEMU still has the filter " + filters->front()};
}

}  // namespace grayling::vmfault
