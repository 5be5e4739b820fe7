#include "daemon/campaign/timeline_svg.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/fault_kinds.h"
#include "daemon/campaign/traffic_estimate.h"

namespace grayling {
namespace {

constexpr double kLeft = 172;    // where the axis begins
constexpr double kWide = 1000;   // length of the axis
constexpr double kRight = 28;    // margin
constexpr double kLane = 30;     // height of a lane
constexpr double kBar = 20;      // height of a bar in it
constexpr double kTop = 62;      // under the title
constexpr double kLetter = 6.6;  // mean width at 12 px
constexpr int64_t kMostTicks = 12;
constexpr size_t kMostTitles = 4000;

constexpr char kVmLane[] = "(the VM)";
constexpr char kBaselineLane[] = "(no fault)";

std::string N(double value) { return absl::StrFormat("%.6g", value); }

// At most `most` characters, not bytes.
std::string Shortened(const std::string& text, size_t most) {
  size_t characters = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (++characters > most) return absl::StrCat(text.substr(0, i), "…");
  }
  return text;
}

std::string LaneOf(const PlannedWindow& window) {
  if (window.IsBaseline()) return kBaselineLane;
  return window.service.empty() ? kVmLane : window.service;
}

// "40 ms", "gray(20%)"; empty for what is on or off.
std::string IntensityText(const PlannedWindow& window) {
  if (window.gray_percent > 0) return absl::StrCat("gray(", GrayText(window), ")");
  const FaultKind* kind = FindFaultKindOrNull(window.kind);
  if (kind == nullptr || kind->Intensity() == nullptr) return "";
  const FaultParameter& first = *kind->Intensity();
  const auto value = window.parameters.find(first.name);
  if (value == window.parameters.end()) return "";
  const std::string unit = first.unit.substr(0, first.unit.find(' '));
  return absl::StrCat(value->second, unit.empty() ? "" : " ", unit);
}

class Drawing {
 public:
  Drawing(const CampaignPlan& plan, const Timeline& timeline) : plan_(plan), timeline_(timeline) {
    FindLanes();
    has_load_lane_ = plan.loads.size() > 1;
    bottom_ = LaneTop(lanes_.size()) + 6;
  }

  std::string Text() {
    DrawGround();
    DrawGrid();
    DrawLoads();
    DrawLanes();
    for (const PlannedWindow& window : timeline_.windows) DrawWindow(window);
    DrawAxis();
    const double height = DrawLegend();
    const std::string width = N(kLeft + kWide + kRight);
    return absl::StrCat(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", width, "\" height=\"", N(height),
        "\" viewBox=\"0 0 ", width, " ", N(height),
        "\" font-family=\"Inter, 'Helvetica Neue', Arial, sans-serif\" font-size=\"12\" "
        "fill=\"#2b3038\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        body_, "</svg>\n");
  }

 private:
  void FindLanes() {
    std::set<std::string> used;
    for (const PlannedWindow& window : timeline_.windows) used.insert(LaneOf(window));
    const auto take = [&](const std::string& lane) {
      if (used.erase(lane) > 0) lanes_.push_back(lane);
    };
    take(kBaselineLane);
    for (const PlannedService& service : plan_.services) take(service.name);
    for (const PlannedFault& fault : plan_.faults) {
      for (const std::string& service : fault.services) take(service);
    }
    take(kVmLane);
    for (size_t i = 0; i < lanes_.size(); ++i) lane_of_[lanes_[i]] = i;
  }

  double X(absl::Duration at) const {
    return kLeft + kWide * absl::FDivDuration(at, timeline_.duration);
  }
  double LaneTop(size_t lane) const {
    return kTop + kLane * (static_cast<double>(lane) + (has_load_lane_ ? 1 : 0));
  }

  void Rect(double x, double y, double width, double height, const std::string& attributes) {
    absl::StrAppend(&body_, "<rect x=\"", N(x), "\" y=\"", N(y), "\" width=\"",
                    N(std::max(0.5, width)), "\" height=\"", N(height), "\" ", attributes, "/>\n");
  }
  void Write(double x, double y, const std::string& attributes, const std::string& text) {
    absl::StrAppend(&body_, "<text x=\"", N(x), "\" y=\"", N(y), "\"",
                    attributes.empty() ? "" : " ", attributes, ">", XmlText(text), "</text>\n");
  }
  void Line(double x1, double y1, double x2, double y2, const std::string& colour) {
    absl::StrAppend(&body_, "<line x1=\"", N(x1), "\" y1=\"", N(y1), "\" x2=\"", N(x2), "\" y2=\"",
                    N(y2), "\" stroke=\"", colour, "\"/>\n");
  }

  void DrawGround() {
    const size_t windows = timeline_.windows.size();
    Write(16, 28, "font-size=\"17\" font-weight=\"600\"", plan_.name);
    Write(16, 46, "fill=\"#69707d\"",
          absl::StrCat(plan_.vm, ", ", HoursAndMinutes(timeline_.duration, false), " h, ", windows,
                       windows == 1 ? " window" : " windows"));
    Rect(kLeft, kTop, kWide, bottom_ - kTop, "fill=\"#fafbfc\"");
    const auto shade = [&](absl::Duration from, absl::Duration to, const std::string& phase) {
      if (to <= from) return;
      absl::StrAppend(&body_, "<g><title>", phase, " ", HoursAndMinutes(from, true), " to ",
                      HoursAndMinutes(to, true), "</title>\n");
      Rect(X(from), kTop, X(to) - X(from), bottom_ - kTop, "fill=\"#e3e7ec\"");
      absl::StrAppend(&body_, "</g>\n");
    };
    shade(absl::ZeroDuration(), plan_.phases.warmup, "warm-up");
    shade(timeline_.duration - plan_.phases.cooldown, timeline_.duration, "cool-down");
  }

  // One step for each stretch under one level, as high as its users or its rate.
  void DrawLoads() {
    if (!has_load_lane_) return;
    Write(kLeft - 12, kTop + 20, "text-anchor=\"end\" fill=\"#69707d\"", "load");
    for (size_t i = 0; i < timeline_.load_changes.size(); ++i) {
      const LoadChange& change = timeline_.load_changes[i];
      const absl::Duration end = i + 1 < timeline_.load_changes.size()
                                     ? timeline_.load_changes[i + 1].at
                                     : timeline_.duration;
      const LoadLevel& level = plan_.loads[change.level];
      const double height = (kLane - 8) * ShareOfLargest(level.settings);
      const double width = X(end) - X(change.at);
      absl::StrAppend(&body_, "<g><title>", XmlText(level.name), ": ",
                      ClientsOf(level.settings), " from ", HoursAndMinutes(change.at, true), "</title>\n");
      Rect(X(change.at), kTop + kLane - 2 - height, width, height,
           "fill=\"#b9c6d6\" stroke=\"#ffffff\"");
      if (width > kLetter * static_cast<double>(level.name.size()) + 8) {
        Write(X(change.at) + 4, kTop + kLane - 7, "font-size=\"11\" fill=\"#38465a\"", level.name);
      }
      absl::StrAppend(&body_, "</g>\n");
    }
  }

  // Among the levels of the same model: users and rates are not to be compared.
  double ShareOfLargest(const LoadSettings& settings) const {
    const auto size = [](const LoadSettings& of) {
      return of.model == LoadModel::kOpen ? of.rate : of.users;
    };
    double largest = 0;
    for (const LoadLevel& level : plan_.loads) {
      if (level.settings.model == settings.model) largest = std::max(largest, size(level.settings));
    }
    return size(settings) / largest;
  }

  void DrawLanes() {
    for (size_t lane = 0; lane < lanes_.size(); ++lane) {
      const double top = LaneTop(lane);
      Line(kLeft, top, kLeft + kWide, top, "#e6e9ed");
      absl::StrAppend(&body_, "<g><title>", XmlText(lanes_[lane]), ReasonOf(lanes_[lane]),
                      "</title>\n");
      Write(kLeft - 12, top + kLane / 2 + 4, "text-anchor=\"end\"", Shortened(lanes_[lane], 22));
      absl::StrAppend(&body_, "</g>\n");
    }
    Line(kLeft, bottom_, kLeft + kWide, bottom_, "#9aa3af");
  }

  std::string ReasonOf(const std::string& lane) const {
    for (const PlannedService& service : plan_.services) {
      if (service.name == lane && !service.reason.empty()) {
        return absl::StrCat(": ", XmlText(service.reason));
      }
    }
    return "";
  }

  std::string TitleOf(const PlannedWindow& window) const {
    std::string title = window.IsBaseline() ? "no fault" : window.kind;
    if (!window.service.empty()) absl::StrAppend(&title, " on ", window.service);
    const std::string intensity = IntensityText(window);
    if (!intensity.empty()) absl::StrAppend(&title, ", ", intensity);
    if (!window.shape.IsConstant()) absl::StrAppend(&title, ", ", DescribeShape(window.shape));
    absl::StrAppend(&title, ", ", HoursAndMinutes(window.start, true), " to ",
                    HoursAndMinutes(window.end, true), ", ", window.group);
    if (has_load_lane_) absl::StrAppend(&title, ", load ", plan_.loads[window.load].name);
    return XmlText(title);
  }

  void DrawWindow(const PlannedWindow& window) {
    const double top = LaneTop(lane_of_.at(LaneOf(window))) + (kLane - kBar) / 2;
    const std::string colour = KindColour(window.kind);
    const bool titled = drawn_++ < kMostTitles;
    if (titled) absl::StrAppend(&body_, "<g><title>", TitleOf(window), "</title>\n");
    if (titled && window.after - window.before > window.end - window.start) {
      Rect(X(window.before), top, X(window.after) - X(window.before), kBar,
           absl::StrCat("rx=\"2\" fill=\"", colour, "\" fill-opacity=\"0.16\""));
    }
    const double width = X(window.end) - X(window.start);
    if (window.shape.IsConstant()) {
      Rect(X(window.start), top, width, kBar, absl::StrCat("rx=\"2\" fill=\"", colour, "\""));
    } else {
      DrawShape(window, top, colour);
    }
    const std::string text = IntensityText(window);
    if (width > kLetter * static_cast<double>(text.size()) + 6 && !text.empty()) {
      Write(X(window.start) + width / 2, top + kBar / 2 + 4,
            "text-anchor=\"middle\" font-size=\"11\" fill=\"#ffffff\" stroke=\"#1d2733\" "
            "stroke-opacity=\"0.35\" stroke-width=\"2\" paint-order=\"stroke\"",
            text);
    }
    if (titled) absl::StrAppend(&body_, "</g>\n");
  }

  // The share of the intensity over the window's time, as an area.
  void DrawShape(const PlannedWindow& window, double top, const std::string& colour) {
    const double left = X(window.start);
    const double width = X(window.end) - left;
    const double duration_s = absl::ToDoubleSeconds(window.end - window.start);
    const int points = std::clamp(static_cast<int>(2 * width), 8, 240);
    std::vector<std::string> corners = {absl::StrCat(N(left), ",", N(top + kBar))};
    for (int i = 0; i <= points; ++i) {
      const double at_s = std::min(duration_s * i / points, duration_s * 0.999999);
      const double share = ShareAt(window.shape, at_s, duration_s);
      corners.push_back(
          absl::StrFormat("%.2f,%.2f", left + width * i / points, top + kBar * (1 - share)));
    }
    corners.push_back(absl::StrCat(N(left + width), ",", N(top + kBar)));
    absl::StrAppend(&body_, "<polygon points=\"", absl::StrJoin(corners, " "), "\" fill=\"", colour,
                    "\"/>\n");
  }

  // Between two marks of the axis.
  absl::Duration Step() const {
    constexpr std::array<int, 13> kSteps = {1,   2,   5,   10,  15,   30,  60,
                                            120, 180, 360, 720, 1440, 2880};
    for (const int minutes : kSteps) {
      if (timeline_.duration / absl::Minutes(minutes) <= kMostTicks) return absl::Minutes(minutes);
    }
    return absl::Minutes(kSteps.back());
  }

  void DrawGrid() {
    for (absl::Duration at = Step(); at < timeline_.duration; at += Step()) {
      Line(X(at), kTop, X(at), bottom_, "#edf0f3");
    }
  }

  void DrawAxis() {
    for (absl::Duration at = absl::ZeroDuration(); at <= timeline_.duration; at += Step()) {
      Line(X(at), bottom_, X(at), bottom_ + 5, "#9aa3af");
      Write(X(at), bottom_ + 19, "text-anchor=\"middle\" font-size=\"11\" fill=\"#69707d\"",
            HoursAndMinutes(at, false));
    }
    Write(kLeft - 30, bottom_ + 19, "text-anchor=\"end\" font-size=\"11\" fill=\"#69707d\"",
          "h:mm");
  }

  // Returns the height of the whole picture.
  double DrawLegend() {
    std::set<std::string> kinds;
    for (const PlannedWindow& window : timeline_.windows) kinds.insert(window.kind);
    double x = kLeft;
    double y = bottom_ + 40;
    for (const std::string& kind : kinds) {
      const std::string name = kind == kBaselineKind ? "no fault" : kind;
      const double width = 34 + kLetter * static_cast<double>(name.size());
      if (x + width > kLeft + kWide) {
        x = kLeft;
        y += 20;
      }
      Rect(x, y - 10, 12, 12, absl::StrCat("rx=\"2\" fill=\"", KindColour(kind), "\""));
      Write(x + 18, y, "", name);
      x += width;
    }
    return y + 20;
  }

  const CampaignPlan& plan_;
  const Timeline& timeline_;
  std::vector<std::string> lanes_;
  std::map<std::string, size_t> lane_of_;
  bool has_load_lane_ = false;
  double bottom_ = 0;
  size_t drawn_ = 0;
  std::string body_;
};

}  // namespace

std::string TimelineSvg(const CampaignPlan& plan, const Timeline& timeline) {
  return Drawing(plan, timeline).Text();
}

}  // namespace grayling
