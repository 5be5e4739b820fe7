#include "ml/trainer/progress.h"

#include <unistd.h>

#include <cmath>

#include "absl/strings/str_format.h"

namespace grayling {
namespace {
constexpr absl::Duration kTerminalStep = absl::Milliseconds(200);
constexpr absl::Duration kLogStep = absl::Seconds(5);
}  // namespace

absl::Duration RemainingTime(int done, int total, absl::Duration elapsed) {
  if (done <= 0) return absl::InfiniteDuration();
  return elapsed / done * (total - done);
}

ProgressLine::ProgressLine(std::FILE* out, absl::Time now)
    : out_(out), start_(now), terminal_(isatty(fileno(out)) == 1) {}

ProgressLine::~ProgressLine() {
  if (open_) absl::FPrintF(out_, "\n");
}

void ProgressLine::Update(int done, int total, absl::string_view text, absl::Time now) {
  const bool last = done >= total;
  if (!last && now - printed_ < (terminal_ ? kTerminalStep : kLogStep)) return;
  printed_ = now;
  const double left = absl::ToDoubleSeconds(RemainingTime(done, total, now - start_));
  const std::string eta =
      std::isfinite(left) ? absl::StrFormat("  eta %.0f s", std::ceil(left)) : "";
  if (terminal_) {
    absl::FPrintF(out_, "\r\x1b[K%s%s", text, eta);
    open_ = true;
  } else {
    absl::FPrintF(out_, "%s%s\n", text, eta);
  }
  std::fflush(out_);
}

}  // namespace grayling
