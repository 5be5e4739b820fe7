#include "probe/fault/cpu_throttle.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "probe/fault/intensity.h"

namespace grayling::probe {
namespace {

constexpr char kFile[] = "cpu.max";
constexpr std::int64_t kLeastQuotaUs = 1000;  // min_cfs_quota_period in kernel/sched/core.c

std::string Text(const CpuQuota& quota) {
  return std::to_string(quota.quota_us) + " " + std::to_string(quota.period_us) + "\n";
}

}  // namespace

double CpuQuota::Percent() const {
  if (!limited) return std::numeric_limits<double>::infinity();
  return 100.0 * static_cast<double>(quota_us) / static_cast<double>(period_us);
}

Result<CpuQuota> ParseCpuMax(const std::string& content) {
  char quota[24] = "";
  long long period = 0;
  if (std::sscanf(content.c_str(), "%23s %lld", quota, &period) != 2 || period <= 0) {
    return Error{"cpu.max holds '" + content.substr(0, 40) + "', which is no quota"};
  }
  CpuQuota parsed;
  parsed.period_us = period;
  parsed.limited = std::string(quota) != "max";
  if (parsed.limited) parsed.quota_us = std::atoll(quota);
  return parsed;
}

Result<CpuQuota> QuotaFor(double percent, double period_ms) {
  CpuQuota quota;
  quota.limited = true;
  quota.period_us = std::llround(period_ms * 1000);
  quota.quota_us = std::llround(percent / 100 * static_cast<double>(quota.period_us));
  if (quota.quota_us >= kLeastQuotaUs) return quota;
  char text[160];
  std::snprintf(text, sizeof text,
                "%g percent of %g ms is less than the millisecond that the kernel gives at least; "
                "ask for a period_ms of %.0f or more",
                percent, period_ms, std::ceil(100.0 / percent));
  return Error{text};
}

CpuThrottle::CpuThrottle(FaultOrder order)
    : order_(std::move(order)), setting_(order_.cgroup, kFile) {}

Result<std::map<std::string, std::string>> CpuThrottle::ReadEarlier() {
  Result<std::string> earlier = setting_.Read();
  if (!earlier.ok()) return earlier.error();
  return std::map<std::string, std::string>{{kFile, *earlier}};
}

Result<ReadBack> CpuThrottle::Apply() {
  Result<CpuQuota> earlier = ParseCpuMax(order_.Earlier(kFile));
  if (!earlier.ok()) return earlier.error();
  const double asked = IntensityOf(order_, 1);
  if (Result<CpuQuota> least = QuotaFor(asked, order_.Parameter("period_ms")); !least.ok()) {
    return least.error();
  }
  char text[128];
  if (earlier->Percent() <= asked) {
    std::snprintf(text, sizeof text,
                  "the container's quota is %.4g percent of a core already; ask for less",
                  earlier->Percent());
    return Error{text};
  }
  const double share = FirstShare(order_);
  if (Status set = SetShare(share); !set.ok()) return set.error();
  Result<std::string> content = setting_.Read();
  if (!content.ok()) return content.error();
  Result<CpuQuota> now = ParseCpuMax(*content);
  if (!now.ok()) return now.error();
  const double percent = IntensityOf(order_, share);
  ReadBack read_back;
  // Where the shape allows as much as the container had anyway, that stays in force.
  read_back.values["percent"] =
      now->Percent() > percent || *now == *earlier ? percent : now->Percent();
  if (now->limited) read_back.values["percent_in_force"] = now->Percent();
  read_back.values["period_ms"] =
      share > 0 ? static_cast<double>(now->period_us) / 1000 : order_.Parameter("period_ms");
  std::snprintf(text, sizeof text, "cpu.max is %s",
                content->substr(0, content->find('\n')).c_str());
  read_back.text = text;
  return read_back;
}

Status CpuThrottle::SetShare(double share) {
  Result<CpuQuota> earlier = ParseCpuMax(order_.Earlier(kFile));
  if (!earlier.ok()) return earlier.error();
  Result<CpuQuota> wanted = QuotaFor(IntensityOf(order_, share), order_.Parameter("period_ms"));
  if (!wanted.ok()) return wanted.error();
  const bool is_harmless = share <= 0 || wanted->Percent() >= earlier->Percent();
  in_force_ = is_harmless ? order_.Earlier(kFile) : Text(*wanted);
  if (Status written = setting_.Write(in_force_); !written.ok()) return written;
  return StillThere();
}

Status CpuThrottle::StillThere() {
  Result<std::string> now = setting_.Read();
  if (!now.ok()) return now.error();
  if (*now == in_force_) return Done{};
  return Error{"somebody set cpu.max to '" + now->substr(0, now->find('\n')) + "'"};
}

Status CpuThrottle::Revert() { return setting_.Restore(order_.Earlier(kFile)); }

}  // namespace grayling::probe
