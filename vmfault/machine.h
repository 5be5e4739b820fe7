#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "probe/kernel/result.h"
#include "vmfault/domain_devices.h"

namespace grayling::vmfault {

using probe::Done;
using probe::Error;
using probe::Result;
using probe::Status;

// Error::code of every call of Machine.
inline constexpr int kMachineGone = -10;    // no such domain, or it does not run
inline constexpr int kLibvirtSilent = -11;  // libvirt cannot be reached at this moment
inline constexpr int kNotSupported = -12;   // not by this hypervisor

// One run of a domain: another one has another id.
struct MachineIdentity {
  std::string uuid;
  int id = 0;

  bool operator==(const MachineIdentity&) const = default;
};

// Libvirt's numbers of one knob, by libvirt's names.
using Tuning = std::map<std::string, std::int64_t>;

enum class RunState {
  kRunning,
  kPausedByUser,  // somebody, perhaps we, called suspend
  kOther,         // paused for another reason, saving, going down
};

// The seam to one running VM. All changes touch the live domain only, so that a restart of the VM
// is a full revert. Not thread-safe.
class Machine {
 public:
  virtual ~Machine() = default;

  // The libvirt in which it is, as a URI.
  virtual std::string Place() const = 0;
  virtual Result<MachineIdentity> Identity() = 0;
  virtual Result<DomainDevices> Devices() = 0;

  virtual Result<Tuning> CpuTuning() = 0;
  virtual Status SetCpuTuning(const Tuning& tuning) = 0;
  // `disk` is the target's name in the XML, vda. Names that are not given keep their values.
  virtual Result<Tuning> DiskTuning(const std::string& disk) = 0;
  virtual Status SetDiskTuning(const std::string& disk, const Tuning& tuning) = 0;
  virtual Result<Tuning> NicTuning(const std::string& mac) = 0;
  virtual Status SetNicTuning(const std::string& mac, const Tuning& tuning) = 0;

  // Of an interface that libvirt knows. `state` is as in the XML: up, down or empty.
  virtual Status SetLinkState(const std::string& mac, const std::string& state) = 0;

  virtual Result<RunState> State() = 0;
  virtual Status Suspend() = 0;
  virtual Status Resume() = 0;

  // QEMU's monitor. Libvirt marks a domain on which it was used as tainted.
  virtual Result<nlohmann::json> Monitor(const std::string& command,
                                         const nlohmann::json& arguments) = 0;
  virtual Result<std::string> HumanMonitor(const std::string& line) = 0;
};

// Opens the VM anew. Called after every fork: a connection is never shared between processes.
using MachineOpener = std::function<Result<std::unique_ptr<Machine>>()>;

}  // namespace grayling::vmfault
