#pragma once

#include "absl/strings/string_view.h"

namespace grayling {

// Reads the decimal number that begins at `at`: [-]digits[.digits][e[+-]digits]. Returns where it
// ends, or null when the text is not such a number or needs the slow way (more digits than fit a
// double, huge exponents). Correctly rounded: up to 2^53 the digits are exact, and so are powers of
// ten up to 22 (Clinger, PLDI 1990, section 3). The text must be followed by a character that is no
// part of a number, such as the line end.
const char* ReadDecimal(const char* at, double& value);
const char* ReadDecimal(const char* at, float& value);

// The slow way, for the whole of `text`; false when it is no finite number of that type.
bool ParseFinite(absl::string_view text, double& value);
bool ParseFinite(absl::string_view text, float& value);

}  // namespace grayling
