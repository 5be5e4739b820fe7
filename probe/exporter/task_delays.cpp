#include "probe/exporter/task_delays.h"

#include "probe/fault/cgroup_children.h"
#include "probe/kernel/kernel_text.h"

namespace grayling::probe {

TaskDelays::Task TaskDelays::OpenTask(std::uint64_t thread) {
  Task task;
  const std::string folder = "/proc/" + std::to_string(thread);
  Result<std::string> name = ReadFile(folder + "/comm");
  task.ours = name.ok() && name->rfind(kChildNamePrefix, 0) == 0;
  Result<KeptFile> schedstat = KeptFile::Open(folder + "/schedstat");
  if (schedstat.ok()) task.schedstat = std::move(*schedstat);
  return task;
}

void TaskDelays::Update(std::string_view threads, std::string& buffer) {
  ++round_;
  tasks_ = 0;
  ForEachNumber(threads, [&](std::uint64_t thread) {
    auto known = known_.find(thread);
    if (known == known_.end()) known = known_.emplace(thread, OpenTask(thread)).first;
    Task& task = known->second;
    task.round = round_;
    if (!task.ours) ++tasks_;
    if (!task.schedstat.valid()) return;
    Result<std::string_view> text = task.schedstat.Read(buffer);
    if (!text.ok()) return;
    const std::uint64_t now = RunDelayNs(*text).value_or(task.last_delay_ns);
    if (now > task.last_delay_ns) delay_ns_ += now - task.last_delay_ns;
    task.last_delay_ns = now;
  });
  // Threads that ended are forgotten; what they waited stays in the sum.
  std::erase_if(known_, [this](const auto& entry) { return entry.second.round != round_; });
}

}  // namespace grayling::probe
