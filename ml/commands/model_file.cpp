#include "ml/commands/model_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace grayling {

absl::StatusOr<Model> ReadModelFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return absl::NotFoundError(
        absl::StrCat("cannot read the model \"", path, "\"; write one with grayling-ml fit"));
  }
  absl::StatusOr<Model> model = ParseModel(text.str());
  if (!model.ok()) {
    return absl::Status(model.status().code(), absl::StrCat(path, ": ", model.status().message()));
  }
  return model;
}

absl::Status WriteModelFile(const Model& model, const std::string& path) {
  const std::string draft = path + ".part";
  std::ofstream file(draft, std::ios::binary);
  file << SerializeModel(model);
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(draft, path, error);
  if (!file || error) {
    std::error_code ignored;
    std::filesystem::remove(draft, ignored);
    return absl::UnavailableError(absl::StrCat("cannot write the model to \"", path,
                                               "\"; check that the folder exists and has room"));
  }
  return absl::OkStatus();
}

}  // namespace grayling
