#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace grayling {

struct ExecResult {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// The seam to "run a program over there". A command is an argument vector, never a shell line.
// Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;

  // A program that ran and failed is OK with its exit code. Errors: NOT_FOUND when there is no such
  // program, DEADLINE_EXCEEDED when it still ran after `timeout` (it is left to itself),
  // UNAVAILABLE when the place cannot be reached.
  virtual absl::StatusOr<ExecResult> Run(const std::vector<std::string>& argv,
                                         absl::Duration timeout) = 0;

  // Run() for a caller who may lose interest: `is_cancelled` is asked again and again, and
  // CANCELLED is returned soon after it says yes; the program is left to itself. An executor that
  // cannot end early runs to the end.
  virtual absl::StatusOr<ExecResult> RunUnlessCancelled(const std::vector<std::string>& argv,
                                                        absl::Duration timeout,
                                                        const std::function<bool()>&) {
    return Run(argv, timeout);
  }
};

}  // namespace grayling
