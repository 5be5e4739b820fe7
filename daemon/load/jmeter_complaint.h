#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "daemon/load/jmeter_command.h"

namespace grayling {

// The line in which JMeter says what went wrong, out of what the process wrote and of its log:
// the first "Caused by", else the first error, with the line after "Cause:", cut at 300 bytes and
// valid UTF-8. Empty when there is none.
std::string JmeterComplaint(const JmeterFiles& files);
// The same for one text. Pure.
std::string ComplaintIn(absl::string_view text);

}  // namespace grayling
