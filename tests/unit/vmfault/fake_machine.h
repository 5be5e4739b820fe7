#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "vmfault/machine.h"

namespace grayling::vmfault {

// One VM as libvirt and QEMU show it, without either: a user-mode card that libvirt does not know
// (n0) and, when asked for, one with a tap. Its misbehaviours were seen on libvirt 9 and QEMU 7.2.
// Thread-safe.
class FakeVm {
 public:
  struct Misbehaviour {
    bool ignores_cpu_limits = false;     // as libvirt's test driver: success, no effect
    bool loses_nic_limits_half = false;  // as on a kernel without sch_sfq: fails, leaves a queue
    bool keeps_filters = false;          // object-del without effect
    int calls_before_it_stops = -1;      // the VM goes down in the middle of something
    int silent_calls = 0;                // libvirt is being restarted: this many calls fail
  };

  // Opens it anew, as effects do. The VM outlives what is opened.
  MachineOpener Opener();

  void Restart();  // another run: nothing of a fault is left
  void Stop();

  std::recursive_mutex mutex;  // guards what follows
  Misbehaviour misbehaviour;
  MachineIdentity identity{"5f0c", 7};
  bool is_running = true;
  RunState state = RunState::kRunning;
  int pauses = 0;
  DomainDevices devices{{{"vda", true}, {"vdb", false}}, {}, {"n0"}};
  Tuning cpu = {{"cpu_shares", 1024}, {"vcpu_period", 100000}, {"vcpu_quota", -1}};
  std::map<std::string, Tuning> disks = {{"vda",
                                          {{"total_iops_sec", 0},
                                           {"total_iops_sec_max", 0},
                                           {"read_iops_sec", 0},
                                           {"write_iops_sec", 0}}}};
  std::map<std::string, Tuning> nics;
  bool has_queue_on_tap = false;
  std::map<std::string, bool> link_up = {{"52:54:00:12:34:56", true}};
  std::map<std::string, std::int64_t> filters;  // interval in us, by id
  int opened = 0;

  static constexpr char kOwnMac[] = "52:54:00:12:34:56";
  static constexpr char kTapMac[] = "52:54:00:77:00:02";
  // With a card that libvirt knows.
  void AddTap();
};

}  // namespace grayling::vmfault
