#include "probe/fault/disk_throttle.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <sstream>

#include "probe/fault/intensity.h"
#include "probe/kernel/files.h"
#include "probe/kernel/mount_info.h"

namespace grayling::probe {
namespace {

constexpr char kFile[] = "io.max";
constexpr char kDevice[] = "device";
constexpr char kController[] = "io.controller";
constexpr const char* kKeys[] = {"rbps", "wbps", "riops", "wiops"};

double Number(const std::string& limit) {
  return limit == "max" ? std::numeric_limits<double>::infinity() : std::atof(limit.c_str());
}

std::string ControllerFile(const std::string& cgroup) {
  return std::filesystem::path(cgroup).parent_path().string() + "/cgroup.subtree_control";
}

// A partition's limits are those of the whole disk.
Result<std::string> WholeDisk(const std::string& device) {
  const std::string folder = "/sys/dev/block/" + device;
  std::error_code failed;
  if (!std::filesystem::exists(folder, failed)) {
    return Error{"the container's storage is on device " + device +
                 ", which is no disk whose use can be limited"};
  }
  if (!std::filesystem::exists(folder + "/partition", failed)) return device;
  Result<std::string> whole = ReadFile(folder + "/../dev");
  if (!whole.ok()) return whole.error();
  return whole->substr(0, whole->find('\n'));
}

}  // namespace

IoLimits ParseIoMax(const std::string& content, const std::string& device) {
  IoLimits limits;
  for (const char* key : kKeys) limits[key] = "max";
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word != device) continue;
    while (words >> word) {
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos) limits[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  return limits;
}

std::string IoMaxLine(const std::string& device, const IoLimits& limits) {
  std::string line = device;
  for (const char* key : kKeys) line += std::string(" ") + key + "=" + limits.at(key);
  return line;
}

Result<std::string> DiskOfContainer(int pid) {
  Result<std::vector<Mount>> mounts = MountsOf(pid);
  if (!mounts.ok()) return mounts.error();
  const Mount* root = RootMountOrNull(*mounts);
  if (root == nullptr) return Error{"the container has no root file system"};
  if (root->type != "overlay") return WholeDisk(root->device);
  struct stat about {};
  const std::string upper = root->Option("upperdir");
  if (upper.empty() || stat(upper.c_str(), &about) != 0) {
    return Error{"the container's root file system is read-only: it writes to no disk"};
  }
  return WholeDisk(std::to_string(major(about.st_dev)) + ":" + std::to_string(minor(about.st_dev)));
}

DiskThrottle::DiskThrottle(FaultOrder order)
    : order_(std::move(order)), setting_(order_.cgroup, kFile) {}

bool DiskThrottle::Limits(const std::string& key) const {
  const std::string operation = order_.Option("operation");
  if (key == "rbps") return operation != "write";
  return key == "wbps" && operation != "read";
}

Result<std::map<std::string, std::string>> DiskThrottle::ReadEarlier() {
  if (order_.pid <= 0) {
    return Error{"disk.throttle needs --pid, to find the disk under the container's storage"};
  }
  Result<std::string> device = DiskOfContainer(order_.pid);
  if (!device.ok()) return device.error();
  Result<std::string> content = setting_.Read();
  const bool enabled = content.ok();
  if (!enabled && content.error().code != ENOENT) return content.error();
  return std::map<std::string, std::string>{{kDevice, *device},
                                            {kFile, enabled ? *content : ""},
                                            {kController, enabled ? "enabled" : "disabled"}};
}

Status DiskThrottle::EnableController() const {
  if (order_.Earlier(kController) != "disabled") return Done{};
  Status enabled = WriteOnce(ControllerFile(order_.cgroup), "+io");
  if (enabled.ok()) return Done{};
  return Error{"the container's cgroup has no io controller, and it could not be enabled: " +
               enabled.error().sentence};
}

std::string DiskThrottle::EarlierLine() const {
  return IoMaxLine(order_.Earlier(kDevice),
                   ParseIoMax(order_.Earlier(kFile), order_.Earlier(kDevice)));
}

Result<std::string> DiskThrottle::LineInForce() const {
  Result<std::string> content = setting_.Read();
  if (!content.ok()) return content.error();
  const std::string device = order_.Earlier(kDevice);
  return IoMaxLine(device, ParseIoMax(*content, device));
}

Result<ReadBack> DiskThrottle::Apply() {
  if (Status enabled = EnableController(); !enabled.ok()) return enabled.error();
  const std::string device = order_.Earlier(kDevice);
  const IoLimits earlier = ParseIoMax(order_.Earlier(kFile), device);
  bool takes_away = false;
  for (const char* key : kKeys) {
    takes_away =
        takes_away || (Limits(key) && Number(earlier.at(key)) > IntensityOf(order_, 1) * 1024);
  }
  if (!takes_away) {
    return Error{"io.max of the container is '" + EarlierLine() + "' already; ask for less"};
  }
  const double share = FirstShare(order_);
  if (Status set = SetShare(share); !set.ok()) return set.error();
  ReadBack read_back{"io.max " + in_force_, {{"kib_per_s", IntensityOf(order_, share)}}};
  if (share <= 0) return read_back;
  for (const auto& [key, limit] : ParseIoMax(in_force_, device)) {
    if (Limits(key)) read_back.values[key] = Number(limit);
    const bool is_new = limit != earlier.at(key);
    if (Limits(key) && is_new) read_back.values["kib_per_s"] = Number(limit) / 1024;
  }
  return read_back;
}

Status DiskThrottle::SetShare(double share) {
  const std::string device = order_.Earlier(kDevice);
  IoLimits limits = ParseIoMax(order_.Earlier(kFile), device);
  const double wanted = std::floor(IntensityOf(order_, share) * 1024);
  for (const char* key : kKeys) {
    if (!Limits(key) || share <= 0 || Number(limits[key]) <= wanted) continue;
    limits[key] = std::to_string(static_cast<std::int64_t>(wanted));
  }
  in_force_ = IoMaxLine(device, limits);
  if (Status written = setting_.Write(in_force_ + "\n"); !written.ok()) return written;
  return StillThere();
}

Status DiskThrottle::StillThere() {
  Result<std::string> now = LineInForce();
  if (!now.ok()) return now.error();
  if (*now == in_force_) return Done{};
  return Error{"somebody set io.max to '" + *now + "'"};
}

Status DiskThrottle::Revert() {
  if (order_.earlier.empty()) return Done{};  // not recorded, so nothing was changed
  Result<std::string> now = LineInForce();
  if (!now.ok()) return now.error().code == ENOENT ? DisableController() : Status(now.error());
  if (Status written = setting_.Write(EarlierLine() + "\n"); !written.ok()) return written;
  now = LineInForce();
  if (!now.ok()) return now.error();
  if (*now != EarlierLine()) {
    return Error{"io.max is '" + *now + "' and not '" + EarlierLine() + "' as before the fault"};
  }
  return DisableController();
}

Status DiskThrottle::DisableController() const {
  if (order_.Earlier(kController) != "disabled") return Done{};
  const std::string file = ControllerFile(order_.cgroup);
  std::error_code failed;
  // A neighbour may have come to need it: its limits are worth more than our tidiness.
  for (const auto& neighbour :
       std::filesystem::directory_iterator(std::filesystem::path(file).parent_path(), failed)) {
    Result<std::string> limits = ReadFile(neighbour.path().string() + "/io.max");
    if (limits.ok() && !limits->empty()) return Done{};
  }
  Status disabled = WriteOnce(file, "-io");
  const bool gone = !disabled.ok() && disabled.error().code == ENOENT;
  return gone ? Status(Done{}) : disabled;
}

}  // namespace grayling::probe
