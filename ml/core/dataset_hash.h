#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace grayling {

// SHA-256, in hexadecimal, of a data set's folder: the bytes of dataset.json and of each file that
// it names, in its order (the hash of their hashes). Equal bytes give equal hashes wherever
// the folder lies. Errors name the file.
absl::StatusOr<std::string> HashDirectory(const std::string& directory);

}  // namespace grayling
