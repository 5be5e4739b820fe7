#include "ml/core/describe_figures.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/core/describe_phases.h"
#include "ml/core/describe_svg.h"
#include "ml/core/describe_target.h"
#include "ml/core/statistics.h"

namespace grayling {
namespace {

constexpr char kUp[] = "#c0504d";
constexpr char kDown[] = "#4f81bd";
constexpr char kFault[] = "#fbe9e7";
constexpr char kBand[] = "#c6d9f1";
constexpr char kInk[] = "#333333";
constexpr char kGrid[] = "#cccccc";
using Anchor = SvgFigure::Anchor;

std::vector<ColumnDescription> Top(const KindDescription& kind, int top) {
  const size_t count = std::min(kind.columns.size(), static_cast<size_t>(std::max(top, 0)));
  return {kind.columns.begin(), kind.columns.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::string Title(const KindDescription& kind) {
  return absl::StrFormat("%s, %d events", kind.kind.empty() ? "(no label)" : kind.kind,
                         kind.events);
}

// One column over all events, in bins of relative time from -1 to 2.
struct Course {
  std::vector<std::optional<std::array<double, 3>>> bins;  // lower quartile, median, upper quartile
  double low = 0;
  double high = 1;
};

class CourseReader {
 public:
  CourseReader(const Dataset& dataset, const KindDescription& kind,
               const DescribeSettings& settings)
      : dataset_(dataset), targets_(TargetColumnsOf(dataset)) {
    std::vector<double> rows;
    for (const EventPhases& event : PhasesOf(dataset, settings.recovery_s)) {
      if (dataset.runs[event.run].windows[event.window].label != kind.kind) continue;
      events_.push_back(event);
      rows.push_back(static_cast<double>(event.during.size()));
    }
    std::sort(rows.begin(), rows.end());
    bins_per_length_ = std::clamp(static_cast<int>(SortedQuantile(rows, 0.5)), 2, 24);
  }

  Course Read(const std::string& name) const {
    const std::vector<std::vector<float>> column = ValuesOf(name);
    std::vector<std::vector<double>> values(static_cast<size_t>(3 * bins_per_length_));
    for (const EventPhases& event : events_) AddEvent(event, column, values);
    Course course;
    bool is_first = true;
    for (std::vector<double>& bin : values) {
      auto& drawn = course.bins.emplace_back();
      if (bin.empty()) continue;
      std::sort(bin.begin(), bin.end());
      drawn = {SortedQuantile(bin, 0.25), SortedQuantile(bin, 0.5), SortedQuantile(bin, 0.75)};
      course.low = is_first ? (*drawn)[0] : std::min(course.low, (*drawn)[0]);
      course.high = is_first ? (*drawn)[2] : std::max(course.high, (*drawn)[2]);
      is_first = false;
    }
    if (!(course.high > course.low)) course.high = course.low + 1;
    return course;
  }

 private:
  // One vector per run.
  std::vector<std::vector<float>> ValuesOf(const std::string& name) const {
    for (const TargetColumn& target : targets_) {
      if (target.name == name) return ValuesOfTarget(dataset_, target, events_);
    }
    const auto column = std::find(dataset_.columns.begin(), dataset_.columns.end(), name) -
                        dataset_.columns.begin();
    std::vector<std::vector<float>> values;
    for (const Run& run : dataset_.runs) {
      const auto& source = run.values.col(static_cast<Eigen::Index>(column));
      values.emplace_back(source.begin(), source.end());
    }
    return values;
  }

  void AddEvent(const EventPhases& event, const std::vector<std::vector<float>>& column,
                std::vector<std::vector<double>>& values) const {
    const Run& run = dataset_.runs[event.run];
    const LabelWindow& window = run.windows[event.window];
    const double length = window.end - window.start;
    for (const RowRange& range : {event.before, event.during, event.settling}) {
      for (size_t row = range.first; row < range.last; ++row) {
        const double value = static_cast<double>(column[event.run][row]);
        const double place = ((run.time[row] - window.start) / length + 1) * bins_per_length_;
        if (std::isnan(value) || place < 0 || place >= static_cast<double>(values.size())) continue;
        values[static_cast<size_t>(place)].push_back(value);
      }
    }
  }

  const Dataset& dataset_;
  const std::vector<TargetColumn> targets_;
  std::vector<EventPhases> events_;
  int bins_per_length_ = 2;
};

// One panel of DrawCourses with its upper left corner at (0, y).
void DrawCourse(SvgFigure& figure, const std::string& name, const Course& course, double y) {
  constexpr double kLeft = 90, kWidth = 560, kHeight = 90;
  const double top = y + 20;
  const double bin = kWidth / static_cast<double>(course.bins.size());
  const auto height_of = [&](double value) {
    return top + kHeight * (1 - (value - course.low) / (course.high - course.low));
  };
  figure.Rectangle(kLeft + kWidth / 3, top, kWidth / 3, kHeight, kFault);
  figure.Text(kLeft, y + 14, name, Anchor::kStart, 12, 80);
  figure.Text(kLeft - 6, top + 10, absl::StrFormat("%.4g", course.high), Anchor::kEnd, 10);
  figure.Text(kLeft - 6, top + kHeight, absl::StrFormat("%.4g", course.low), Anchor::kEnd, 10);
  SvgFigure::Points middle, upper, lower;
  for (size_t i = 0; i < course.bins.size(); ++i) {
    if (!course.bins[i]) continue;
    const double x = kLeft + (static_cast<double>(i) + 0.5) * bin;
    const auto& [low, median, high] = *course.bins[i];
    middle.emplace_back(x, height_of(median));
    upper.emplace_back(x, height_of(high));
    lower.emplace_back(x, height_of(low));
  }
  SvgFigure::Points outline = upper;
  outline.insert(outline.end(), lower.rbegin(), lower.rend());
  figure.Area(outline, kBand);
  figure.Curve(middle, kInk);
  figure.Line(kLeft, top + kHeight, kLeft + kWidth, top + kHeight, kGrid);
  constexpr const char* kTicks[] = {"-1", "start", "end", "+1"};
  for (int i = 0; i < 4; ++i) {
    figure.Text(kLeft + i * kWidth / 3, top + kHeight + 12, kTicks[i], Anchor::kMiddle, 10);
  }
}

std::string FileName(const std::string& kind) {
  std::string name = kind.empty() ? "unlabelled" : kind;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != '_') c = '_';
  }
  return name;
}

absl::Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (out) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(path, " cannot be written; check that the folder may be written and has room"));
}

}  // namespace

std::string DrawEffects(const KindDescription& kind, int top) {
  constexpr double kLeft = 430, kHalf = 150, kStep = 22, kTop = 60;
  const std::vector<ColumnDescription> columns = Top(kind, top);
  const double bottom = kTop + kStep * static_cast<double>(columns.size());
  SvgFigure figure(kLeft + 2 * kHalf + 40, bottom + 20);
  figure.Text(20, 22, absl::StrCat(Title(kind), ": Cliff's delta, during against before"),
              Anchor::kStart, 14);
  const double zero = kLeft + kHalf;
  for (const double mark : {-1.0, -0.5, 0.0, 0.5, 1.0}) {
    figure.Line(zero + mark * kHalf, kTop - 6, zero + mark * kHalf, bottom, kGrid);
    figure.Text(zero + mark * kHalf, kTop - 10, absl::StrFormat("%g", mark), Anchor::kMiddle, 10);
  }
  double y = kTop;
  for (const ColumnDescription& column : columns) {
    const Effect& effect = column.effects[0];
    figure.Text(kLeft - 10, y + 14, column.column, Anchor::kEnd, 12, 58);
    figure.Rectangle(zero + std::min(effect.delta, 0.0) * kHalf, y + 3,
                     std::abs(effect.delta) * kHalf, kStep - 8, effect.delta > 0 ? kUp : kDown);
    if (!std::isnan(effect.interval.low)) {
      figure.Line(zero + effect.interval.low * kHalf, y + 10, zero + effect.interval.high * kHalf,
                  y + 10, kInk, 2);
    }
    y += kStep;
  }
  return figure.Finish();
}

std::string DrawCourses(const Dataset& dataset, const KindDescription& kind,
                        const DescribeSettings& settings, int top) {
  constexpr double kPanel = 140;
  const std::vector<ColumnDescription> columns = Top(kind, top);
  const CourseReader reader(dataset, kind, settings);
  SvgFigure figure(680, 60 + kPanel * static_cast<double>(columns.size()));
  figure.Text(20, 22,
              absl::StrCat(Title(kind), ": median and quartiles around the window (shaded)"),
              Anchor::kStart, 14);
  double y = 35;
  for (const ColumnDescription& column : columns) {
    DrawCourse(figure, column.column, reader.Read(column.column), y);
    y += kPanel;
  }
  return figure.Finish();
}

absl::StatusOr<std::vector<std::string>> WriteFigures(const Dataset& dataset,
                                                      const Description& description,
                                                      const DescribeSettings& settings,
                                                      const std::string& folder, int top) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat(folder, " cannot be made: ", error.message(), "; choose another folder"));
  }
  std::vector<std::string> paths;
  std::set<std::string> taken;
  for (const KindDescription& kind : description.kinds) {
    std::string name = FileName(kind.kind);
    while (!taken.insert(name).second) name += '_';
    paths.push_back(absl::StrCat(folder, "/effects-", name, ".svg"));
    GRAYLING_RETURN_IF_ERROR(WriteText(paths.back(), DrawEffects(kind, top)));
    paths.push_back(absl::StrCat(folder, "/course-", name, ".svg"));
    GRAYLING_RETURN_IF_ERROR(
        WriteText(paths.back(), DrawCourses(dataset, kind, settings, std::min(top, 6))));
  }
  return paths;
}

}  // namespace grayling
