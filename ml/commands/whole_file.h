#pragma once

#include <ostream>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace grayling {

// Writes beside `path` first and renames, so that a reader never sees half a file. `what` names the
// content in the error: "the model". UNAVAILABLE when the folder is missing or full.
absl::Status WriteWholeFile(const std::string& path, absl::string_view what,
                            absl::FunctionRef<void(std::ostream& out)> write);

}  // namespace grayling
