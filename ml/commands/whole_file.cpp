#include "ml/commands/whole_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace grayling {

absl::Status WriteWholeFile(const std::string& path, absl::string_view what,
                            absl::FunctionRef<void(std::ostream& out)> write) {
  const std::string draft = absl::StrCat(path, ".part");
  std::ofstream out(draft, std::ios::binary);
  write(out);
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(draft, path, error);
  if (out && !error) return absl::OkStatus();
  std::error_code ignored;
  std::filesystem::remove(draft, ignored);
  return absl::UnavailableError(absl::StrCat("cannot write ", what, " to \"", path,
                                             "\"; check that the folder exists and has room"));
}

}  // namespace grayling
