#include "probe/fault/process_identity.h"

#include <ctime>
#include <string>

#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"

namespace grayling::probe {
namespace {

std::uint64_t StartOf(pid_t pid) {
  Result<std::string> stat = ReadFile("/proc/" + std::to_string(pid) + "/stat");
  return stat.ok() ? StartTicks(*stat).value_or(0) : 0;
}

}  // namespace

ProcessIdentity ProcessIdentity::Of(pid_t pid) { return ProcessIdentity{pid, StartOf(pid)}; }

bool ProcessIdentity::IsAlive() const {
  return pid > 0 && start_ticks != 0 && StartOf(pid) == start_ticks;
}

std::int64_t RealtimeNs() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace grayling::probe
