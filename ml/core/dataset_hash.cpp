#include "ml/core/dataset_hash.h"

#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/dataset_json.h"
#include "ml/core/sha256.h"

namespace grayling {
namespace {

constexpr size_t kBlock = size_t{1} << 18;

absl::Status CannotRead(const std::string& path) {
  return absl::NotFoundError(absl::StrCat(path, " cannot be read; check that it is there"));
}

absl::StatusOr<std::string> HashFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return CannotRead(path);
  Sha256 hash;
  std::vector<char> block(kBlock);
  do {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.Add(absl::string_view(block.data(), static_cast<size_t>(in.gcount())));
  } while (in);
  if (!in.eof()) return CannotRead(path);
  return hash.Finish();
}

}  // namespace

absl::StatusOr<std::string> HashDirectory(const std::string& directory) {
  const std::string index_path = absl::StrCat(directory, "/dataset.json");
  std::ifstream in(index_path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return CannotRead(index_path);
  GRAYLING_ASSIGN_OR_RETURN(const DatasetIndex index, ParseDatasetIndex(text.str(), index_path));
  Sha256 whole;
  whole.Add(Sha256::Of(text.str()));
  for (const std::string& file : index.files) {
    GRAYLING_ASSIGN_OR_RETURN(const std::string hash, HashFile(absl::StrCat(directory, "/", file)));
    whole.Add(hash);
  }
  return absl::BytesToHexString(whole.Finish());
}

}  // namespace grayling
