#pragma once

#include <cstdio>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace grayling {

// One line that is rewritten on a terminal, and printed now and then elsewhere:
// "fold 1/2  epoch 12/60  loss 0.231  eta 8 s". Not thread-safe.
class ProgressLine {
 public:
  // `out` outlives the line; `now` is the start of the work.
  ProgressLine(std::FILE* out, absl::Time now);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // `done` of `total` units are finished at `now`; `text` says what is going on.
  void Update(int done, int total, absl::string_view text, absl::Time now);

 private:
  std::FILE* const out_;
  const absl::Time start_;
  const bool terminal_;
  absl::Time printed_ = absl::InfinitePast();
  bool open_ = false;
};

// Remaining time by the mean speed so far; InfiniteDuration before the first unit.
absl::Duration RemainingTime(int done, int total, absl::Duration elapsed);

}  // namespace grayling
