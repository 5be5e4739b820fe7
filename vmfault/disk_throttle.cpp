#include "vmfault/disk_throttle.h"

#include <algorithm>
#include <cmath>

namespace grayling::vmfault {
namespace {

constexpr char kTotal[] = "total_iops_sec";  // 0: no limit
constexpr char kTotalMax[] = "total_iops_sec_max";

std::int64_t ValueOf(const Tuning& tuning, const std::string& name) {
  const auto found = tuning.find(name);
  return found == tuning.end() ? 0 : found->second;
}

}  // namespace

Result<std::vector<std::string>> DiskThrottle::Targets(Machine& machine) {
  Result<DomainDevices> devices = machine.Devices();
  if (!devices.ok()) return devices.error();
  const std::string wanted = order().Option("disk");
  std::vector<std::string> targets;
  for (const DomainDisk& disk : devices->disks) {
    if (disk.is_writable && (wanted.empty() || wanted == disk.target)) {
      targets.push_back(disk.target);
    }
  }
  if (!targets.empty()) return targets;
  return Error{wanted.empty() ? "the VM has no writable disk, so vm.disk_throttle cannot act"
                              : "the VM has no writable disk '" + wanted + "'"};
}

Result<Tuning> DiskThrottle::Read(Machine& machine, const std::string& target) {
  return machine.DiskTuning(target);
}

Status DiskThrottle::Write(Machine& machine, const std::string& target, const Tuning& tuning) {
  return machine.SetDiskTuning(target, tuning);
}

Tuning DiskThrottle::At(double intensity) const {
  // Without a maximum QEMU lets a tenth of a second's operations pass at once. Both in one call:
  // libvirt refuses a total above an earlier maximum.
  const auto iops = static_cast<std::int64_t>(std::llround(intensity));
  return {{kTotal, std::max<std::int64_t>(iops, 1)}, {kTotalMax, 0}};
}

double DiskThrottle::IntensityOf(const Tuning& tuning) const {
  return static_cast<double>(ValueOf(tuning, kTotal));
}

std::string DiskThrottle::Objection(const Tuning& earlier) const {
  if (ValueOf(earlier, "read_iops_sec") > 0 || ValueOf(earlier, "write_iops_sec") > 0) {
    return "reads or writes have a limit of their own, which excludes one on both; clear it first "
           "(virsh blkdeviotune)";
  }
  const double total = IntensityOf(earlier);
  if (total > 0 && total <= IntensityAtShare(1)) {
    return "it is limited to " + Short(total) + " operations a second already; ask for less";
  }
  return "";
}

Tuning DiskThrottle::Kept(const Tuning& earlier) const {
  Tuning kept = {{kTotal, ValueOf(earlier, kTotal)}, {kTotalMax, ValueOf(earlier, kTotalMax)}};
  // Libvirt refuses lengths without a maximum, even of zero seconds in some versions.
  const std::string length = std::string(kTotalMax) + "_length";
  if (kept[kTotalMax] > 0 && ValueOf(earlier, length) > 0) kept[length] = ValueOf(earlier, length);
  return kept;
}

}  // namespace grayling::vmfault
