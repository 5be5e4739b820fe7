#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace grayling {

// What a progress line shows at one instant.
struct Progress {
  std::string text;                // what happens now
  std::optional<double> fraction;  // 0..1, draws a bar
};

// "00:42  [########            ]  40%  booting". `tick` turns the spinner where there is no bar.
std::string RenderProgress(const Progress& progress, absl::Duration elapsed, int tick);

// Tells people on standard error that something long goes on: redraws one line five times a second
// on a terminal, and writes a line every 10 s elsewhere. Ends, and wipes the line, when destroyed.
// Thread-safe.
class ProgressLine {
 public:
  // `planned`: how long it should take; draws a bar from the elapsed time. `err` must outlive this.
  ProgressLine(std::ostream& err, bool terminal,
               std::optional<absl::Duration> planned = std::nullopt);
  ~ProgressLine();

  void SetText(std::string text);
  // A line that stays, above the progress.
  void Say(const std::string& line);

 private:
  void Loop();
  void Draw(int tick) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::ostream& err_;
  const bool terminal_;
  const std::optional<absl::Duration> planned_;
  const absl::Time started_;
  absl::Notification done_;
  absl::Mutex mutex_;
  std::string text_ ABSL_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace grayling
