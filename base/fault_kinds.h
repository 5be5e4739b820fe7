#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace grayling {

// The catalogue of faults, read by the daemon, by the tool in the guest and by the one on the host,
// so that no two of them disagree about a range. Standard library only: the guest's tool is static.

struct FaultParameter {
  std::string name;  // with its unit: delay_ms
  std::string unit;
  double minimum = 0;
  double maximum = 0;
  double default_value = 0;
  std::string description;
};

// A setting that is a word, not a number.
struct FaultOption {
  std::string name;
  std::vector<std::string> choices;  // empty: any text
  std::string default_value;
  std::string description;
};

// What a fault needs to know of its target, and where it is kept.
enum class FaultTarget {
  kLink,     // the veth pair of a service; kept in the guest
  kCgroup,   // the cgroup, the processes and the file system of a service; kept in the guest
  kMachine,  // the VM as libvirt holds it; kept on the host, the service is empty
  kBlade,    // a service, hurt by ChaosBlade in the guest
};

struct FaultKind {
  std::string kind;  // network.delay
  std::string description;
  FaultTarget target = FaultTarget::kLink;
  // What two faults on one target may not both hold; empty: they may overlap.
  std::string resource;
  // The first one is the intensity (IntensityOrNull()).
  std::vector<FaultParameter> parameters;
  std::vector<FaultOption> options;
  // The intensity at which nothing is hurt. Below the parameter's minimum for kinds that hurt more
  // as the number grows (0 mostly); at or above its maximum for those that hurt more as it falls.
  double harmless = 0;
  // Whether its intensity can change while it acts (every shape); else it can only be constant.
  bool can_change = true;
  // Whether the first parameter is the intensity; else the fault is on or off.
  bool has_intensity = true;

  // Null: the fault is on or off.
  const FaultParameter* IntensityOrNull() const {
    return has_intensity && !parameters.empty() ? &parameters.front() : nullptr;
  }
  bool FallingHurtsMore() const {
    return IntensityOrNull() != nullptr && harmless >= IntensityOrNull()->maximum;
  }
};

using FaultParameters = std::map<std::string, double>;
using FaultOptions = std::map<std::string, std::string>;

// Sorted by name.
const std::vector<FaultKind>& FaultKinds();

// Null when there is no such kind.
const FaultKind* FindFaultKindOrNull(std::string_view kind);

// Adds the defaults of what is missing.
void FillDefaults(const FaultKind& kind, FaultParameters& parameters, FaultOptions& options);

// Empty when every name is known, every number lies in its range and every word is one of its
// choices; else one sentence with what would be right.
std::string FaultComplaint(const FaultKind& kind, const FaultParameters& parameters,
                           const FaultOptions& options);

// The intensity that is in force when `share` (0 = harmless, 1 = as asked) of `asked` acts. Linear
// in the number where more hurts more; geometric, from `harmless` down, where less hurts more.
double IntensityAt(const FaultKind& kind, double asked, double share);

}  // namespace grayling
