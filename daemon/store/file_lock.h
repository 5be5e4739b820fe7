#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace grayling {

// An exclusive advisory lock on a file, held until destruction or until the process ends, however
// it ends. The file itself stays behind: removing it would let two owners lock two inodes.
class FileLock {
 public:
  // Creates the file if needed. UNAVAILABLE when another owner holds it; PERMISSION_DENIED or
  // FAILED_PRECONDITION when the file cannot be made.
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace grayling
