#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace grayling {

struct Label {
  std::string name;
  std::string value;  // unescaped, valid UTF-8

  friend bool operator==(const Label&, const Label&) = default;
};

// The labels of a raw block (the text between the braces), in the order written. Escapes are
// resolved; a backslash before any other byte stands for itself. A quote inside a value that nobody
// escaped is taken as part of the value where the text after it is not the next label: the only
// reading that leaves well-formed labels. Bytes that are no UTF-8 become U+FFFD.
// INVALID_ARGUMENT when the block cannot be read. Pure.
absl::StatusOr<std::vector<Label>> DecodeLabels(absl::string_view block);

// The closing quote of the escaped string whose opening quote is at `open`; npos without one. Pure.
size_t ClosingQuoteOf(absl::string_view text, size_t open);

// Resolves \\, \" and \n; any other backslash stands for itself. Valid UTF-8. Pure.
std::string Unescaped(absl::string_view raw);

// Escapes \, " and newline.
void AppendEscaped(absl::string_view value, std::string& out);

}  // namespace grayling
