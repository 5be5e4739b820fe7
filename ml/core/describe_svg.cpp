#include "ml/core/describe_svg.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"

namespace grayling {
namespace {

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(text,
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

std::string PointList(const SvgFigure::Points& points) {
  std::string text;
  for (const auto& [x, y] : points) absl::StrAppendFormat(&text, "%.1f,%.1f ", x, y);
  return text;
}

}  // namespace

SvgFigure::SvgFigure(double width, double height) : width_(width), height_(height) {
  Rectangle(0, 0, width, height, "white");
}

void SvgFigure::Rectangle(double x, double y, double width, double height, absl::string_view fill) {
  absl::StrAppendFormat(&body_, R"(<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>)",
                        x, y, width, height, fill);
  body_ += '\n';
}

void SvgFigure::Line(double x1, double y1, double x2, double y2, absl::string_view stroke,
                     double width) {
  absl::StrAppendFormat(
      &body_, R"(<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"/>)",
      x1, y1, x2, y2, stroke, width);
  body_ += '\n';
}

void SvgFigure::Curve(const Points& points, absl::string_view stroke) {
  absl::StrAppendFormat(&body_,
                        R"(<polyline points="%s" fill="none" stroke="%s" stroke-width="1.5"/>)",
                        PointList(points), stroke);
  body_ += '\n';
}

void SvgFigure::Area(const Points& outline, absl::string_view fill) {
  absl::StrAppendFormat(&body_, R"(<polygon points="%s" fill="%s"/>)", PointList(outline), fill);
  body_ += '\n';
}

void SvgFigure::Text(double x, double y, absl::string_view text, Anchor anchor, double size,
                     size_t most_characters) {
  std::string shown(text);
  if (most_characters > 3 && shown.size() > most_characters) {
    // The end of a column's name tells more than its middle.
    const size_t kept = most_characters - 2;
    shown = absl::StrCat(shown.substr(0, kept / 2), "..",
                         shown.substr(shown.size() - (kept - kept / 2)));
  }
  constexpr const char* kAnchors[] = {"start", "middle", "end"};
  absl::StrAppendFormat(&body_,
                        R"(<text x="%.1f" y="%.1f" font-size="%g" text-anchor="%s">%s</text>)", x,
                        y, size, kAnchors[static_cast<int>(anchor)], Escaped(shown));
  body_ += '\n';
}

std::string SvgFigure::Finish() const {
  return absl::StrFormat(
      R"(<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="0 0 %g %g" )"
      R"(font-family="sans-serif">)"
      "\n%s</svg>\n",
      width_, height_, width_, height_, body_);
}

}  // namespace grayling
