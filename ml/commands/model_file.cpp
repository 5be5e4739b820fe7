#include "ml/commands/model_file.h"

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "ml/commands/whole_file.h"

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
  return WriteWholeFile(path, "the model",
                        [&](std::ostream& out) { out << SerializeModel(model); });
}

}  // namespace grayling
