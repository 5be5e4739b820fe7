#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace grayling {

// `done` of `total` units of one task.
using TaskProgress = std::function<void(int done, int total, const std::string& text)>;
// Returns the task's result as bytes. Runs in a child process.
using Task = std::function<absl::StatusOr<std::string>(int task, const TaskProgress& progress)>;

// Runs tasks 0 .. tasks - 1, each in a child process of its own, at most `processes` at a time, and
// returns their results in order. Children inherit the caller's memory as it is (fork): have no
// other threads that hold locks, and start no libtorch work before. `on_progress` hears, in the
// parent, of thousandths of all tasks together. The first error ends all children and is returned;
// a child that dies gives INTERNAL. Children die with the parent.
absl::StatusOr<std::vector<std::string>> RunInProcesses(int tasks, int processes, const Task& work,
                                                        const TaskProgress& on_progress);

// As many as there are cores that this process may use.
int UsableCores();

}  // namespace grayling
