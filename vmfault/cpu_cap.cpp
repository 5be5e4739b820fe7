#include "vmfault/cpu_cap.h"

#include <algorithm>
#include <cmath>

namespace grayling::vmfault {
namespace {

constexpr char kPeriod[] = "vcpu_period";  // us
constexpr char kQuota[] = "vcpu_quota";    // us of each period; negative: no limit
// The kernel's default. At the catalogue's smallest percentage the quota is 5 ms, above its 1 ms.
constexpr std::int64_t kPeriodUs = 100'000;
constexpr std::int64_t kLeastQuotaUs = 1000;

}  // namespace

Result<std::vector<std::string>> CpuCap::Targets(Machine&) { return std::vector<std::string>{""}; }

Result<Tuning> CpuCap::Read(Machine& machine, const std::string&) { return machine.CpuTuning(); }

Status CpuCap::Write(Machine& machine, const std::string&, const Tuning& tuning) {
  return machine.SetCpuTuning(tuning);
}

Tuning CpuCap::At(double intensity) const {
  const auto quota = static_cast<std::int64_t>(std::llround(intensity / 100 * kPeriodUs));
  return {{kPeriod, kPeriodUs}, {kQuota, std::max(quota, kLeastQuotaUs)}};
}

double CpuCap::IntensityOf(const Tuning& tuning) const {
  return 100.0 * static_cast<double>(tuning.at(kQuota)) / static_cast<double>(tuning.at(kPeriod));
}

std::string CpuCap::Objection(const Tuning& earlier) const {
  if (earlier.count(kQuota) == 0 || earlier.count(kPeriod) == 0) {
    return "this hypervisor has no quota for virtual CPUs, so vm.cpu_cap cannot act";
  }
  const bool is_capped = earlier.at(kQuota) > 0 && earlier.at(kPeriod) > 0;
  if (is_capped && IntensityOf(earlier) <= IntensityAtShare(1)) {
    return "the virtual CPUs are capped at " + Short(IntensityOf(earlier)) +
           " % already; ask for less than that";
  }
  return "";
}

Tuning CpuCap::Kept(const Tuning& earlier) const {
  return {{kPeriod, earlier.at(kPeriod)}, {kQuota, earlier.at(kQuota)}};
}

}  // namespace grayling::vmfault
