#include "daemon/load/jtl_tail.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {

absl::Status JtlTail::ReadNewRows(const JtlReader::Visitor& visit) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path_, error);
  if (error == std::errc::no_such_file_or_directory && offset_ == 0) return absl::OkStatus();
  if (error || size < offset_) {
    return absl::InternalError(
        absl::StrCat("the results in '", path_, "' were taken away while they were read"));
  }
  if (size == offset_) return absl::OkStatus();
  std::ifstream file(path_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset_));
  std::array<char, 65536> buffer;
  while (file) {
    file.read(buffer.data(), buffer.size());
    const auto count = static_cast<size_t>(file.gcount());
    GRAYLING_RETURN_IF_ERROR(reader_.Read({buffer.data(), count}, visit));
    offset_ += count;
  }
  if (!file.eof()) return absl::InternalError(absl::StrCat("cannot read '", path_, "'"));
  return absl::OkStatus();
}

}  // namespace grayling
