#include "ml/core/csv_reader.h"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/csv_rows.h"

namespace grayling {
namespace {

using GzFile = std::unique_ptr<gzFile_s, int (*)(gzFile)>;

// A block and the rows made of it stay in the cache together.
constexpr size_t kBlock = size_t{1} << 18;
constexpr unsigned kInflateBuffer = 1U << 17;

// Reads up to `size` bytes; 0 at the end of the file.
absl::StatusOr<size_t> Read(gzFile file, const std::string& path, char* out, size_t size) {
  const int got = gzread(file, out, static_cast<unsigned>(size));
  int code = Z_OK;
  const char* const words = gzerror(file, &code);
  if (got < 0) {
    return absl::DataLossError(
        absl::StrCat(path, " cannot be read: ", words, "; fetch or write the file again"));
  }
  if (got == 0 && code != Z_OK) {
    return absl::DataLossError(
        absl::StrCat(path, " is cut off inside its compressed data; fetch or write it again"));
  }
  return static_cast<size_t>(got);
}

}  // namespace

absl::StatusOr<CsvTable> ParseCsv(absl::string_view text, absl::string_view file) {
  CsvRows rows(file);
  GRAYLING_RETURN_IF_ERROR(rows.Take(text, /*last=*/true).status());
  return rows.Finish();
}

absl::StatusOr<CsvTable> ReadCsv(const std::string& path) {
  // zlib reads plain files through the same calls.
  const GzFile file(gzopen(path.c_str(), "rb"), &gzclose);
  if (file == nullptr) {
    return absl::NotFoundError(absl::StrCat(path, " cannot be opened; check that it is there"));
  }
  gzbuffer(file.get(), kInflateBuffer);
  CsvRows rows(path);
  std::vector<char> block(kBlock);
  size_t held = 0;
  for (bool last = false; !last;) {
    // A record longer than the block.
    if (held > block.size() / 2) block.resize(2 * block.size());
    GRAYLING_ASSIGN_OR_RETURN(const size_t got,
                              Read(file.get(), path, block.data() + held, block.size() - held));
    held += got;
    last = got == 0;
    GRAYLING_ASSIGN_OR_RETURN(const size_t taken,
                              rows.Take(absl::string_view(block.data(), held), last));
    held -= taken;
    std::copy_n(block.data() + taken, held, block.data());
  }
  return rows.Finish();
}

}  // namespace grayling
