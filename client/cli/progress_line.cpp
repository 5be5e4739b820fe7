#include "client/cli/progress_line.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace grayling {
namespace {

constexpr int kBarWidth = 20;
constexpr const char* kWipe = "\r\033[K";

}  // namespace

std::string RenderProgress(const Progress& progress, absl::Duration elapsed, int tick) {
  const int64_t seconds = absl::ToInt64Seconds(elapsed);
  std::string line = absl::StrFormat("%02d:%02d  ", seconds / 60, seconds % 60);
  if (progress.fraction.has_value()) {
    const double fraction = std::clamp(*progress.fraction, 0.0, 1.0);
    const int filled = static_cast<int>(fraction * kBarWidth);
    line += "[" + std::string(filled, '#') + std::string(kBarWidth - filled, ' ');
    line += absl::StrFormat("]  %2d%%  ", static_cast<int>(fraction * 100));
  } else {
    constexpr std::array<char, 4> kSpinner = {'|', '/', '-', '\\'};
    line += kSpinner[static_cast<size_t>(tick) % kSpinner.size()];
    line += "  ";
  }
  return line + progress.text;
}

ProgressLine::ProgressLine(std::ostream& err, bool terminal, std::optional<absl::Duration> planned)
    : err_(err), terminal_(terminal), planned_(planned), started_(absl::Now()), thread_([this] {
        Loop();
      }) {}

ProgressLine::~ProgressLine() {
  done_.Notify();
  thread_.join();
  if (terminal_) err_ << kWipe << std::flush;
}

void ProgressLine::SetText(std::string text) {
  absl::MutexLock lock(&mutex_);
  text_ = std::move(text);
}

void ProgressLine::Say(const std::string& line) {
  absl::MutexLock lock(&mutex_);
  err_ << (terminal_ ? kWipe : "") << line << "\n" << std::flush;
}

void ProgressLine::Loop() {
  const absl::Duration period = terminal_ ? absl::Milliseconds(200) : absl::Seconds(10);
  for (int tick = 0; !done_.WaitForNotificationWithTimeout(period); ++tick) {
    absl::MutexLock lock(&mutex_);
    Draw(tick);
  }
}

void ProgressLine::Draw(int tick) {
  const absl::Duration elapsed = absl::Now() - started_;
  Progress progress{.text = text_, .fraction = std::nullopt};
  if (planned_.has_value() && *planned_ > absl::ZeroDuration()) {
    progress.fraction = absl::FDivDuration(elapsed, *planned_);
  }
  const std::string line = RenderProgress(progress, elapsed, tick);
  err_ << (terminal_ ? kWipe : "") << line << (terminal_ ? "" : "\n") << std::flush;
}

}  // namespace grayling
