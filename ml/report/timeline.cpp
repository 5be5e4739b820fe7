#include "ml/report/timeline.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "ml/core/describe_svg.h"
#include "ml/core/row_kind.h"
#include "ml/report/numbers.h"

namespace grayling {
namespace {

using Anchor = SvgFigure::Anchor;

constexpr double kWidth = 1000, kLeft = 60, kRight = 10, kPanel = kWidth - kLeft - kRight;
constexpr double kTop = 16, kPlot = 80, kStrip = 10, kStripTop = kTop + kPlot + 6;
constexpr double kAxis = kStripTop + kStrip + 14, kHeight = kAxis + 6;
constexpr double kNumberWidth = 14;  // room for a kind's number
constexpr double kLongestJoinedRows = 2.5;
constexpr char kScore[] = "#333333";
constexpr char kAlarm[] = "#a50026";
constexpr char kThreshold[] = "#777777";
constexpr char kUnjudged[] = "#e8e8e8";
constexpr char kGrid[] = "#cccccc";
// Light tints that also differ for most colour-blind readers; the number tells in any case.
constexpr std::array<const char*, 8> kKinds = {"#f4c7a1", "#a9cfe8", "#b9e0bf", "#f2b8c6",
                                               "#d9c8ea", "#f5e6a3", "#a8e0dc", "#d5d5c0"};

struct Peak {
  double time;
  double score;
};

// The rows, or of each of `most` stretches of time the row with the largest score.
std::vector<Peak> PeaksOf(const ScoredRun& scored, size_t most, double stretch_s) {
  const std::vector<double>& time = scored.run->time;
  std::vector<Peak> peaks;
  double stretch = -1;
  for (size_t row = 0; row < scored.scores.size(); ++row) {
    const Peak peak{time[row], static_cast<double>(scored.scores[row])};
    const double own = std::floor((time[row] - time.front()) / stretch_s);
    if (peaks.empty() || time.size() <= most || own != stretch) {
      peaks.push_back(peak);
      stretch = own;
    } else if (peak.score > peaks.back().score) {
      peaks.back() = peak;
    }
  }
  return peaks;
}

class Timeline {
 public:
  Timeline(const ScoredRun& scored, const TimelineSettings& settings)
      : scored_(scored),
        run_(*scored.run),
        settings_(settings),
        start_(run_.time.front()),
        span_(run_.time.back() + settings.period_s - start_),
        figure_(kWidth, kHeight) {}

  std::string Draw() {
    DrawUnjudged();
    DrawWindows();
    figure_.Line(kLeft, kTop + kPlot, kLeft + kPanel, kTop + kPlot, kGrid);
    if (!scored_.scores.empty()) {
      DrawScores();
      DrawAlarms();
    }
    DrawAxis();
    return figure_.Finish();
  }

 private:
  double X(double time) const {
    return kLeft + kPanel * std::clamp((time - start_) / span_, 0.0, 1.0);
  }
  double Y(double score) const {
    const double range = settings_.high - settings_.low;
    return kTop + kPlot * (1 - std::clamp((score - settings_.low) / range, 0.0, 1.0));
  }

  void Shade(double from, double to, double top, double height, const char* fill) {
    figure_.Rectangle(X(from), top, std::max(X(to) - X(from), 1.0), height, fill);
  }

  // Rectangles over the stretches of rows for which `wanted` holds.
  template <typename Wanted>
  void ShadeRows(double top, double height, const char* fill, Wanted wanted) {
    for (size_t row = 0; row < run_.time.size(); ++row) {
      if (!wanted(row)) continue;
      const double from = run_.time[row];
      while (row + 1 < run_.time.size() && wanted(row + 1)) ++row;
      Shade(from, run_.time[row] + settings_.period_s, top, height, fill);
    }
  }

  void DrawUnjudged() {
    const std::vector<RowKind> kinds =
        KindsOfRows(run_, settings_.evaluation.recovery_s, settings_.evaluation.margin_s);
    ShadeRows(kTop, kPlot, kUnjudged, [&](size_t row) { return kinds[row] == RowKind::kUnjudged; });
  }

  void DrawWindows() {
    double free = 0;
    for (const LabelWindow& window : run_.windows) {
      if (window.end <= start_ || window.start >= start_ + span_) continue;
      const auto kind = static_cast<size_t>(
          std::find(settings_.kinds.begin(), settings_.kinds.end(), window.label) -
          settings_.kinds.begin());
      Shade(window.start, window.end, kTop, kPlot, kKinds[kind % kKinds.size()]);
      const double middle = (X(window.start) + X(window.end)) / 2;
      if (middle < free) continue;
      figure_.Text(middle, kTop - 4, absl::StrCat(kind + 1), Anchor::kMiddle, 10);
      free = middle + kNumberWidth;
    }
  }

  void DrawScores() {
    const double stretch_s = span_ / kPanel;
    const double longest = kLongestJoinedRows * std::max(stretch_s, settings_.period_s);
    SvgFigure::Points line;
    double last = start_;
    const auto finish = [&] {
      if (line.size() == 1) figure_.Rectangle(line[0].first, line[0].second - 1, 2, 2, kScore);
      if (line.size() > 1) figure_.Curve(line, kScore);
      line.clear();
    };
    for (const Peak& peak : PeaksOf(scored_, static_cast<size_t>(kPanel), stretch_s)) {
      if (peak.time - last > longest) finish();
      line.emplace_back(X(peak.time), Y(peak.score));
      last = peak.time;
    }
    finish();
    if (settings_.threshold) {
      const double y = Y(*settings_.threshold);
      figure_.Line(kLeft, y, kLeft + kPanel, y, kThreshold);
    }
    figure_.Text(kLeft - 6, kTop + 8, SignificantText(settings_.high, 3), Anchor::kEnd, 10);
    figure_.Text(kLeft - 6, kTop + kPlot, SignificantText(settings_.low, 3), Anchor::kEnd, 10);
  }

  void DrawAlarms() {
    figure_.Text(kLeft - 6, kStripTop + kStrip - 1, "alarm", Anchor::kEnd, 10);
    ShadeRows(kStripTop, kStrip, kAlarm, [&](size_t row) { return scored_.alarms[row]; });
  }

  void DrawAxis() {
    constexpr int kTicks = 4;
    constexpr double kTwoDays = 2 * 86400;
    const char* format = span_ > kTwoDays ? "%m-%d %H:%M" : "%H:%M:%S";
    for (int i = 0; i <= kTicks; ++i) {
      const double time = start_ + span_ * i / kTicks;
      const std::string text =
          IsCalendarTime(start_)
              ? absl::FormatTime(format, absl::UnixEpoch() + absl::Seconds(std::floor(time)),
                                 absl::UTCTimeZone())
              : absl::StrFormat("%.6g s", time);
      figure_.Text(X(time), kAxis, text,
                   i == 0        ? Anchor::kStart
                   : i == kTicks ? Anchor::kEnd
                                 : Anchor::kMiddle,
                   10);
    }
  }

  const ScoredRun& scored_;
  const Run& run_;
  const TimelineSettings& settings_;
  const double start_;
  const double span_;
  SvgFigure figure_;
};

}  // namespace

std::string DrawTimeline(const ScoredRun& scored, const TimelineSettings& settings) {
  return Timeline(scored, settings).Draw();
}

std::string DrawTimelineLegend(const TimelineSettings& settings) {
  constexpr double kRow = 20, kColumn = 320;
  constexpr size_t kColumns = 3;
  const size_t count = settings.kinds.size();
  const size_t rows = (count + kColumns - 1) / kColumns;
  SvgFigure figure(kWidth, kRow * static_cast<double>(rows) + 4);
  for (size_t i = 0; i < count; ++i) {
    const double x = kColumn * static_cast<double>(i % kColumns);
    const double y = kRow * static_cast<double>(i / kColumns) + 2;
    figure.Rectangle(x, y, 24, 16, kKinds[i % kKinds.size()]);
    figure.Text(x + 12, y + 12, absl::StrCat(i + 1), Anchor::kMiddle, 11);
    figure.Text(x + 30, y + 12, settings.kinds[i].empty() ? "(no label)" : settings.kinds[i],
                Anchor::kStart, 12, 40);
  }
  return figure.Finish();
}

}  // namespace grayling
