#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "daemon/campaign/plan.h"
#include "daemon/campaign/timeline.h"

namespace grayling {

// The timeline as an SVG picture: a lane for each service (and for the VM and the baseline), a bar
// for each window in the colour of its kind and the form of its shape, on a pale ground that is its
// healthy stretch; warm-up and cool-down shaded; load levels above, hours and minutes below, a
// legend, and a <title> for each window that browsers show under the pointer. Well-formed XML
// without script or links; equal plans give equal text. Windows beyond 4,000 have no title.
std::string TimelineSvg(const CampaignPlan& plan, const Timeline& timeline);

// #rrggbb: one hue for a family (network, cpu, ...), one lightness for a kind. The same in every
// picture.
std::string KindColour(absl::string_view kind);

// `text` as XML character data or an attribute's value. Control characters become blanks.
std::string XmlText(absl::string_view text);

// 5:07 for 5 h 7 min; 0:05:07 with seconds.
std::string HoursAndMinutes(absl::Duration duration, bool with_seconds);

}  // namespace grayling
