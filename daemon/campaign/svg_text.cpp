#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/fault_kinds.h"
#include "daemon/campaign/timeline_svg.h"

namespace grayling {
namespace {

constexpr char kBaselineColour[] = "#9aa5a0";

struct FamilyColour {
  absl::string_view prefix;
  double hue;  // degrees
  double saturation;
};

constexpr std::array<FamilyColour, 8> kFamilies = {{{"network.", 212, 0.62},
                                                    {"cpu.", 24, 0.80},
                                                    {"memory.", 276, 0.42},
                                                    {"disk.", 152, 0.48},
                                                    {"process.", 350, 0.62},
                                                    {"jvm.", 316, 0.40},
                                                    {"vm.", 44, 0.70},
                                                    {"blade", 0, 0.0}}};

std::string FromHsl(double hue, double saturation, double lightness) {
  const double reach = saturation * std::min(lightness, 1 - lightness);
  const auto channel = [&](double n) {
    const double k = std::fmod(n + hue / 30, 12);
    const double value = lightness - reach * std::max(-1.0, std::min({k - 3, 9 - k, 1.0}));
    return static_cast<int>(std::lround(255 * value));
  };
  return absl::StrFormat("#%02x%02x%02x", channel(0), channel(8), channel(4));
}

}  // namespace

std::string KindColour(absl::string_view kind) {
  if (kind == kBaselineKind) return kBaselineColour;
  for (const FamilyColour& family : kFamilies) {
    if (!absl::StartsWith(kind, family.prefix)) continue;
    int index = 0;
    int members = 0;
    for (const FaultKind& known : FaultKinds()) {
      if (!absl::StartsWith(known.kind, family.prefix)) continue;
      if (known.kind == kind) index = members;
      ++members;
    }
    if (members < 2) return FromHsl(family.hue, family.saturation, 0.5);
    // Neighbours in the catalogue differ in lightness, all of a family a little in hue.
    const double place = index / (members - 1.0);
    const double light = (2 * index % members) / (members - 1.0);
    return FromHsl(family.hue + 40 * (place - 0.5), family.saturation, 0.34 + 0.28 * light);
  }
  return "#666666";
}

std::string XmlText(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return escaped;
}

std::string HoursAndMinutes(absl::Duration duration, bool with_seconds) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  if (with_seconds) {
    return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
  return absl::StrFormat("%d:%02d", seconds / 3600, seconds / 60 % 60);
}

}  // namespace grayling
