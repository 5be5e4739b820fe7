#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace grayling {

// Draws a figure in SVG 1.1. Lengths are pixels from the upper left corner, colours are CSS. Texts
// are escaped, and cut to `most_characters` where that is given. Not thread-safe.
class SvgFigure {
 public:
  using Points = std::vector<std::pair<double, double>>;
  enum class Anchor { kStart, kMiddle, kEnd };

  SvgFigure(double width, double height);

  void Rectangle(double x, double y, double width, double height, absl::string_view fill);
  void Line(double x1, double y1, double x2, double y2, absl::string_view stroke, double width = 1);
  void Curve(const Points& points, absl::string_view stroke);
  void Area(const Points& outline, absl::string_view fill);
  void Text(double x, double y, absl::string_view text, Anchor anchor = Anchor::kStart,
            double size = 12, size_t most_characters = 0);

  std::string Finish() const;  // the whole document

 private:
  std::string body_;
  double width_;
  double height_;
};

}  // namespace grayling
