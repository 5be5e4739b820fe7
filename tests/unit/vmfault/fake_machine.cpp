#include "tests/unit/vmfault/fake_machine.h"

#include <cstdio>

namespace grayling::vmfault {
namespace {

using nlohmann::json;
using Lock = std::lock_guard<std::recursive_mutex>;

// Where the fake has the configuration of a card in the guest's memory: their order in link_up.
constexpr std::uint64_t kFirstBar = 0xfe800000;
constexpr std::uint64_t kBarSize = 0x100000;

class FakeMachine final : public Machine {
 public:
  explicit FakeMachine(FakeVm& vm) : vm_(vm) {}

  std::string Place() const override { return "fake:///"; }

  Result<MachineIdentity> Identity() override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there.error();
    return vm_.identity;
  }

  Result<DomainDevices> Devices() override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there.error();
    return vm_.devices;
  }

  Result<Tuning> CpuTuning() override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there.error();
    return vm_.cpu;
  }

  Status SetCpuTuning(const Tuning& tuning) override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there;
    if (!vm_.misbehaviour.ignores_cpu_limits) Overlay(vm_.cpu, tuning);
    return Done{};
  }

  Result<Tuning> DiskTuning(const std::string& disk) override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there.error();
    return vm_.disks.at(disk);
  }

  Status SetDiskTuning(const std::string& disk, const Tuning& tuning) override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there;
    Tuning wanted = vm_.disks.at(disk);
    Overlay(wanted, tuning);
    if (wanted["total_iops_sec_max"] > 0 &&
        wanted["total_iops_sec"] > wanted["total_iops_sec_max"]) {
      return Error{"total_iops_sec cannot be set higher than total_iops_sec_max"};
    }
    if (wanted["total_iops_sec"] == 0 && wanted["total_iops_sec_max"] > 0) {
      return Error{"value 'total_iops_sec' cannot be 0 if 'total_iops_sec_max' is set"};
    }
    vm_.disks[disk] = wanted;
    return Done{};
  }

  Result<Tuning> NicTuning(const std::string& mac) override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there.error();
    return vm_.nics.at(mac);
  }

  Status SetNicTuning(const std::string& mac, const Tuning& tuning) override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there;
    const bool limits = tuning.at("inbound.average") > 0;
    vm_.has_queue_on_tap = limits;
    if (limits && vm_.misbehaviour.loses_nic_limits_half) {
      return Error{"internal error: Child process (tc qdisc add ... sfq) unexpected exit status 2"};
    }
    Overlay(vm_.nics.at(mac), tuning);
    return Done{};
  }

  Status SetLinkState(const std::string& mac, const std::string& state) override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there;
    for (DomainInterface& interface : vm_.devices.interfaces) {
      if (interface.mac == mac) interface.link_state = state;
    }
    vm_.link_up[mac] = state != "down";
    return Done{};
  }

  Result<RunState> State() override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there.error();
    return vm_.state;
  }

  Status Suspend() override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there;
    vm_.state = RunState::kPausedByUser;
    ++vm_.pauses;
    return Done{};
  }

  Status Resume() override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there;
    vm_.state = RunState::kRunning;
    return Done{};
  }

  Result<json> Monitor(const std::string& command, const json& arguments) override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there.error();
    if (command == "query-pci") return QueryPci();
    if (command == "set_link") {
      if (arguments.at("name") != "n0") return Error{"QEMU refused set_link: Device not found"};
      vm_.link_up[FakeVm::kOwnMac] = arguments.at("up").get<bool>();
      return json::object();
    }
    return Objects(command, arguments);
  }

  Result<std::string> HumanMonitor(const std::string& line) override {
    const Lock lock(vm_.mutex);
    if (Status there = Answers(); !there.ok()) return there.error();
    unsigned long long address = 0;
    if (std::sscanf(line.c_str(), "xp /8bx 0x%llx", &address) == 1) return DeviceBytes(address);
    std::string text = "virtio-net-pci.0: index=0,type=nic,model=virtio-net-pci,macaddr=" +
                       std::string(FakeVm::kOwnMac) +
                       "\r\n \\ n0: index=0,type=user,net=10.0.2.0,restrict=off\r\n";
    if (vm_.nics.count(FakeVm::kTapMac) > 0) {
      text +=
          "net0: index=0,type=nic,model=virtio-net-pci,macaddr=" + std::string(FakeVm::kTapMac) +
          "\r\n \\ hostnet0: index=0,type=tap,fd=37\r\n";
    }
    return text;
  }

 private:
  static void Overlay(Tuning& tuning, const Tuning& changes) {
    for (const auto& [name, value] : changes) tuning[name] = value;
  }

  Status Answers() {
    if (vm_.misbehaviour.silent_calls > 0) {
      --vm_.misbehaviour.silent_calls;
      return Error{"cannot connect to fake:///", kLibvirtSilent};
    }
    if (vm_.misbehaviour.calls_before_it_stops == 0) vm_.is_running = false;
    if (vm_.misbehaviour.calls_before_it_stops > 0) --vm_.misbehaviour.calls_before_it_stops;
    if (!vm_.is_running) return Error{"the domain does not run", kMachineGone};
    return Done{};
  }

  json QueryPci() {
    json devices = json::array();
    std::uint64_t bar = kFirstBar;
    for (std::size_t i = 0; i < vm_.link_up.size(); ++i, bar += kBarSize) {
      devices.push_back({{"class_info", {{"class", 0x0200}}},
                         {"id", {{"vendor", 0x1af4}, {"device", 0x1041}}},
                         {"regions", json::array({{{"bar", 4}, {"address", bar}}})}});
    }
    // Behind a bridge, as libvirt puts them.
    const json bridge = {{"class_info", {{"class", 0x0604}}},
                         {"id", {{"vendor", 0x1b36}, {"device", 12}}},
                         {"regions", json::array()},
                         {"pci_bridge", {{"devices", devices}}}};
    return json::array({{{"bus", 0}, {"devices", json::array({bridge})}}});
  }

  std::string DeviceBytes(std::uint64_t address) {
    std::uint64_t config = kFirstBar + 0x2000;
    for (const auto& [mac, up] : vm_.link_up) {
      if (config == address) {
        std::string text = "00000000fe802000:";
        for (std::size_t i = 0; i < mac.size(); i += 3) text += " 0x" + mac.substr(i, 2);
        return text + (up ? " 0x01 0x00\r\n" : " 0x00 0x00\r\n");
      }
      config += kBarSize;
    }
    return "Cannot access memory\r\n";
  }

  Result<json> Objects(const std::string& command, const json& arguments) {
    if (command == "qom-list") {
      json list = json::array({{{"name", "type"}, {"type", "string"}}});
      for (const auto& [id, interval] : vm_.filters) {
        list.push_back({{"name", id}, {"type", "child<filter-buffer>"}});
      }
      return list;
    }
    if (command == "object-add") {
      vm_.filters[arguments.at("id")] = arguments.at("interval").get<std::int64_t>();
      return json::object();
    }
    const std::string id = command == "object-del"
                               ? arguments.at("id").get<std::string>()
                               : arguments.at("path").get<std::string>().substr(9);
    if (vm_.filters.count(id) == 0) return Error{"QEMU refused: object '" + id + "' not found"};
    if (command == "object-del") {
      if (!vm_.misbehaviour.keeps_filters) vm_.filters.erase(id);
      return json::object();
    }
    if (command == "qom-get") return json(vm_.filters.at(id));
    const auto value = arguments.at("value").get<std::int64_t>();
    if (value <= 0) return Error{"Property 'filter-buffer.interval' requires a positive value"};
    vm_.filters[id] = value;
    return json::object();
  }

  FakeVm& vm_;
};

}  // namespace

MachineOpener FakeVm::Opener() {
  return [this]() -> Result<std::unique_ptr<Machine>> {
    const Lock lock(mutex);
    ++opened;
    return std::unique_ptr<Machine>(std::make_unique<FakeMachine>(*this));
  };
}

void FakeVm::Restart() {
  const Lock lock(mutex);
  ++identity.id;
  state = RunState::kRunning;
  filters.clear();
}

void FakeVm::Stop() {
  const Lock lock(mutex);
  is_running = false;
}

void FakeVm::AddTap() {
  const Lock lock(mutex);
  devices.interfaces.push_back({kTapMac, "net0", "", true});
  nics[kTapMac] = {{"inbound.average", 0}, {"inbound.peak", 0},     {"inbound.burst", 0},
                   {"inbound.floor", 0},   {"outbound.average", 0}, {"outbound.peak", 0},
                   {"outbound.burst", 0}};
  link_up[kTapMac] = true;
}

}  // namespace grayling::vmfault
