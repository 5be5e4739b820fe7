#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "daemon/load/jtl_reader.h"

namespace grayling {

// The rows that a growing JTL file gained since the last look. Not thread-safe.
class JtlTail {
 public:
  // The file need not be there yet.
  explicit JtlTail(std::string path) : path_(std::move(path)) {}

  // OK, without rows, as long as there is no file. A last line without its end waits for the next
  // call. Errors are JtlReader's, and INTERNAL when the file cannot be read or became shorter.
  absl::Status ReadNewRows(const JtlReader::Visitor& visit);
  const JtlReader& reader() const { return reader_; }

 private:
  const std::string path_;
  JtlReader reader_;
  uint64_t offset_ = 0;
};

}  // namespace grayling
