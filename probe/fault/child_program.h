#pragma once

#include <string>
#include <vector>

#include "probe/kernel/result.h"

namespace grayling::probe {

struct ProgramRun {
  int exit_code = 0;  // 128 + n after signal n
  std::string out;
  std::string err;
};

// Runs a program, found through PATH, in a process group of its own, with /dev/null as its input
// and the signals' defaults whatever the caller blocks. Its end is the end of its first process:
// what a child that it left behind writes later is not waited for. Of each stream at most 1 MiB is
// kept. Errors: ENOENT when there is no such program; ETIMEDOUT when it still ran after
// `timeout_ms`: then its whole process group has been killed.
Result<ProgramRun> RunProgram(const std::vector<std::string>& argv, int timeout_ms);

}  // namespace grayling::probe
