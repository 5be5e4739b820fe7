#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace grayling {

// Length of the UTF-8 sequence at `at` < text.size(); 0 when it is none (also for overlong forms
// and surrogates). Pure.
size_t Utf8Length(absl::string_view text, size_t at);

// Whether every byte of `text` is part of a UTF-8 sequence. Pure.
bool IsUtf8(absl::string_view text);

// `text` with U+FFFD for every byte that is no part of a UTF-8 sequence. For foreign bytes on their
// way into a protobuf string, which no reader takes otherwise. Pure.
std::string ValidUtf8(absl::string_view text);

}  // namespace grayling
