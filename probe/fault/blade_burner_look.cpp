#include "probe/fault/blade_burner_look.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <optional>

#include "probe/fault/blade_disk.h"
#include "probe/kernel/files.h"

namespace grayling::probe {
namespace {

constexpr std::int64_t kPatienceNs = 9'000'000'000;
constexpr std::int64_t kBirthPatienceNs = 3'000'000'000;  // for a first process to be there
constexpr int kPauseMs = 50;
constexpr std::int64_t kWindowMs = 300;
constexpr double kReached = 0.9;  // of the memory asked for; the daemon compares with 20 %

std::int64_t NowNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void SleepMs(std::int64_t milliseconds) {
  const timespec pause{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
  nanosleep(&pause, nullptr);
}

std::optional<double> NumberIn(const std::string& path) {
  Result<std::string> text = ReadFile(path);
  double value = 0;
  if (!text.ok() || std::sscanf(text->c_str(), "%lf", &value) != 1) return std::nullopt;
  return value;
}

// A line "Name:  123 kB" of /proc/meminfo.
double MemoryInfo(const std::string& text, const std::string& name) {
  const std::size_t start = text.find(name + ":");
  double value = 0;
  if (start == std::string::npos) return 0;
  std::sscanf(text.c_str() + start + name.size() + 1, "%lf", &value);
  return value;
}

Result<double> MemoryPercent(const std::string& cgroup) {
  if (!cgroup.empty()) {
    const std::optional<double> limit = NumberIn(cgroup + "/memory.max");  // not for "max"
    const std::optional<double> used = NumberIn(cgroup + "/memory.current");
    if (limit && used && *limit > 0) return 100 * *used / *limit;
  }
  Result<std::string> info = ReadFile("/proc/meminfo");
  if (!info.ok()) return info.error();
  const double total = MemoryInfo(*info, "MemTotal");
  if (total <= 0) return Error{"/proc/meminfo cannot be read"};
  return 100 * (total - MemoryInfo(*info, "MemAvailable")) / total;
}

// Bytes read and written by the cgroup on all devices; nothing where the kernel does not count.
std::optional<double> BytesMoved(const std::string& cgroup) {
  if (cgroup.empty()) return std::nullopt;
  Result<std::string> text = ReadFile(cgroup + "/io.stat");
  if (!text.ok()) return std::nullopt;
  double total = 0;
  for (const char* key : {"rbytes=", "wbytes="}) {
    for (std::size_t at = text->find(key); at != std::string::npos; at = text->find(key, at + 1)) {
      double value = 0;
      if (std::sscanf(text->c_str() + at + 7, "%lf", &value) == 1) total += value;
    }
  }
  return total;
}

std::string Formatted(const char* format, double first, double second) {
  char text[160];
  std::snprintf(text, sizeof text, format, first, second);
  return text;
}

}  // namespace

Result<std::vector<pid_t>> BladeBurnerLook::LivingOrError() const {
  Result<std::vector<pid_t>> pids = processes_.Found();
  if (!pids.ok() || !pids->empty()) return pids;
  Result<std::vector<pid_t>> strayed = processes_.Strayed();
  if (strayed.ok() && !strayed->empty()) {
    return Error{"its processes (" + PidList(*strayed) + ") run outside of the service's cgroup " +
                 cgroup_};
  }
  return Error{"none of its processes is alive" + (cgroup_.empty() ? "" : " in " + cgroup_)};
}

Result<ReadBack> BladeBurnerLook::WaitUntilThere() {
  const std::int64_t start = NowNs();
  while (true) {
    Result<std::vector<pid_t>> pids = LivingOrError();
    Result<ReadBack> seen = pids.ok() ? Measure(*pids) : pids.error();
    const std::int64_t patience = pids.ok() ? kPatienceNs : kBirthPatienceNs;
    if (seen.ok() || NowNs() >= start + patience) return seen;
    SleepMs(kPauseMs);
  }
}

Status BladeBurnerLook::StillThere() {
  Result<std::vector<pid_t>> pids = processes_.Found();
  if (!pids.ok()) return pids.error();
  if (pids->empty()) return Error{"blade's processes have ended before their time"};
  return Done{};
}

Result<std::string> BladeBurnerLook::Residue() {
  Result<std::vector<pid_t>> found = processes_.Found();
  if (!found.ok()) return found.error();
  Result<std::vector<pid_t>> strayed = processes_.Strayed();
  if (!strayed.ok()) return strayed.error();
  std::string text;
  if (!found->empty()) text = "blade's processes " + PidList(*found) + " at work";
  if (!strayed->empty()) {
    text += (text.empty() ? "" : " and ") + ("blade's processes " + PidList(*strayed)) +
            " at work outside of the service's cgroup";
  }
  return text;
}

BladeCpuLook::BladeCpuLook(const FaultOrder& order, const BladeLine& line)
    : BladeBurnerLook(order, line),
      asked_percent_(line.Number("cpu-percent", 100) *
                     line.Number("cpu-count", static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)))) {
}

Result<ReadBack> BladeCpuLook::Measure(const std::vector<pid_t>& pids) {
  const std::int64_t start = NowNs();
  const std::int64_t used_before = CpuTimeNs(pids);
  SleepMs(kWindowMs);
  const auto used = static_cast<double>(CpuTimeNs(pids) - used_before);
  const double measured = 100 * used / static_cast<double>(NowNs() - start);
  if (measured < asked_percent_ / 2) {
    return Error{
        Formatted("its processes burn %.0f percent of a core, and %g were asked for (blade "
                  "adds only what others leave of it)",
                  measured, asked_percent_)};
  }
  return ReadBack{
      Formatted("cpu load %g percent of a core asked, %.0f measured", asked_percent_, measured),
      {{"percent", asked_percent_},
       {"percent_measured", measured},
       {"processes", static_cast<double>(pids.size())}}};
}

Result<ReadBack> BladeMemoryLook::Measure(const std::vector<pid_t>&) {
  Result<double> percent = MemoryPercent(cgroup());
  if (!percent.ok()) return percent.error();
  if (*percent < kReached * asked_percent_) {
    return Error{Formatted("%.0f percent of the memory are in use, and %g were asked for", *percent,
                           asked_percent_)};
  }
  return ReadBack{Formatted("memory %.0f percent in use, %g asked", *percent, asked_percent_),
                  {{"percent", *percent}}};
}

BladeBurnLook::BladeBurnLook(const FaultOrder& order, const BladeLine& line)
    : BladeBurnerLook(order, line) {
  for (const char* name : {"chaos_burnio.read", "chaos_burnio.write"}) {
    files_.push_back(BladeFilePath(order, line, name));
  }
}

Result<ReadBack> BladeBurnLook::Measure(const std::vector<pid_t>& pids) {
  const std::optional<double> before = BytesMoved(cgroup());
  if (!before) {
    return ReadBack{"disk burnt by " + std::to_string(pids.size()) +
                        " processes; this kernel does not count what they move",
                    {}};
  }
  SleepMs(kWindowMs);
  const double moved = BytesMoved(cgroup()).value_or(0) - *before;
  if (moved <= 0) return Error{"the service's cgroup moves nothing to or from a disk"};
  const double mib_per_s = moved / 1048576 / (static_cast<double>(kWindowMs) / 1000);
  return ReadBack{Formatted("disk burnt with %.1f MiB/s by %g processes", mib_per_s,
                            static_cast<double>(pids.size())),
                  {{"mib_per_s", mib_per_s}}};
}

Result<std::string> BladeBurnLook::Residue() {
  Result<std::string> residue = BladeBurnerLook::Residue();
  if (!residue.ok()) return residue;
  for (const std::string& file : files_) {
    if (std::filesystem::exists(file)) *residue += (residue->empty() ? "" : " and ") + file;
  }
  return residue;
}

Status BladeBurnLook::CleanUp() {
  if (Status killed = BladeBurnerLook::CleanUp(); !killed.ok()) return killed;
  for (const std::string& file : files_) {
    std::error_code problem;
    std::filesystem::remove(file, problem);
    if (problem) return Error{"cannot remove " + file + ": " + problem.message()};
  }
  return Done{};
}

}  // namespace grayling::probe
