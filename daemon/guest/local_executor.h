#pragma once

#include <string>
#include <vector>

#include "daemon/guest/abandoned_processes.h"
#include "daemon/guest/executor.h"

namespace grayling {

// Runs programs on this machine, found through PATH, with /dev/null as their input. Thread-safe.
// A program that outlives its time-out is left to itself until this object ends; then it is killed.
// A program killed by signal n has exit code 128 + n. The end of a program is the end of its first
// process: what a child that it left behind writes later is not waited for.
class LocalExecutor final : public Executor {
 public:
  absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv,
                                 absl::Duration timeout) override;

 private:
  AbandonedProcesses abandoned_;
};

}  // namespace grayling
