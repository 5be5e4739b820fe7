#include "ml/core/dataset_json.h"

#include <filesystem>
#include <set>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kFormat[] = "grayling-dataset/1";

// A key that is absent or null is empty; one of another type throws with its name.
std::string OptionalText(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? "" : found->get<std::string>();
}

Json NullWhenEmpty(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

LabelWindow WindowFrom(const Json& json) {
  LabelWindow window;
  window.start = json.at("start").get<double>();
  window.end = json.at("end").get<double>();
  window.label = OptionalText(json, "label");
  window.service = OptionalText(json, "service");
  window.group = OptionalText(json, "group");
  const auto intensity = json.find("intensity");
  if (intensity != json.end() && !intensity->is_null()) window.intensity = intensity->get<double>();
  if (json.contains("metrics")) window.metrics = json["metrics"].get<std::vector<std::string>>();
  return window;
}

Json ToJson(const LabelWindow& window) {
  Json json = {{"start", window.start}, {"end", window.end}, {"label", window.label}};
  json["service"] = NullWhenEmpty(window.service);
  if (!window.group.empty()) json["group"] = window.group;
  if (window.intensity) json["intensity"] = *window.intensity;
  if (!window.metrics.empty()) json["metrics"] = window.metrics;
  return json;
}

Run RunFrom(const Json& json) {
  Run run;
  run.id = json.at("id").get<std::string>();
  run.group = OptionalText(json, "group");
  run.split = OptionalText(json, "split");
  run.entity = OptionalText(json, "entity");
  if (json.contains("windows")) {
    for (const Json& window : json["windows"]) run.windows.push_back(WindowFrom(window));
  }
  return run;
}

Json ToJson(const Run& run, const std::string& file) {
  Json windows = Json::array();
  for (const LabelWindow& window : run.windows) windows.push_back(ToJson(window));
  return {{"id", run.id},
          {"file", file},
          {"group", run.group},
          {"split", NullWhenEmpty(run.split)},
          {"entity", NullWhenEmpty(run.entity)},
          {"windows", std::move(windows)}};
}

// Throws nlohmann's exceptions.
DatasetIndex IndexFrom(const Json& json) {
  DatasetIndex index;
  Dataset& dataset = index.dataset;
  dataset.name = OptionalText(json, "name");
  dataset.description = OptionalText(json, "description");
  dataset.licence = OptionalText(json, "licence");
  dataset.source = OptionalText(json, "source");
  dataset.period_s = json.at("period_s").get<double>();
  if (json.contains("edges")) {
    dataset.edges = json["edges"].get<std::vector<std::pair<std::string, std::string>>>();
  }
  for (const Json& run : json.at("runs")) {
    dataset.runs.push_back(RunFrom(run));
    index.files.push_back(run.at("file").get<std::string>());
  }
  return index;
}

absl::Status Check(const DatasetIndex& index) {
  if (!(index.dataset.period_s > 0)) {
    return absl::InvalidArgumentError("period_s must be a positive number of seconds");
  }
  std::set<std::string> ids;
  for (size_t i = 0; i < index.files.size(); ++i) {
    const Run& run = index.dataset.runs[i];
    if (!ids.insert(run.id).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("two runs have the id \"", run.id, "\"; give each its own"));
    }
    if (run.split != "" && run.split != "train" && run.split != "test") {
      return absl::InvalidArgumentError(absl::StrCat("the run ", run.id, " has the split \"",
                                                     run.split, "\"; use train, test or null"));
    }
    const std::filesystem::path file(index.files[i]);
    bool leaves = file.empty() || file.is_absolute();
    for (const auto& part : file) leaves = leaves || part == "..";
    if (leaves) {
      return absl::InvalidArgumentError(absl::StrCat("the run ", run.id, " has the file \"",
                                                     index.files[i],
                                                     "\"; name one inside the data set's folder"));
    }
    for (const LabelWindow& window : run.windows) {
      if (!(window.start < window.end)) {
        return absl::InvalidArgumentError(absl::StrCat("the run ", run.id, " has a window from ",
                                                       window.start, " to ", window.end,
                                                       "; its end must come after its start"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DatasetIndex> ParseDatasetIndex(absl::string_view text, const std::string& file) {
  try {
    const Json json = Json::parse(text.begin(), text.end());
    if (!json.is_object() || OptionalText(json, "format") != kFormat) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": the key format must be \"", kFormat, "\"; is this a data set?"));
    }
    DatasetIndex index = IndexFrom(json);
    const absl::Status status = Check(index);
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": ", status.message()));
    }
    return index;
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, " is not a valid ", kFormat, " index; correct it: ", error.what()));
  }
}

std::string SerializeDatasetIndex(const Dataset& dataset, const std::vector<std::string>& files) {
  Json edges = Json::array();
  for (const auto& [caller, callee] : dataset.edges) edges.push_back({caller, callee});
  Json runs = Json::array();
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    runs.push_back(ToJson(dataset.runs[i], files[i]));
  }
  const Json json = {{"format", kFormat},
                     {"name", dataset.name},
                     {"description", dataset.description},
                     {"licence", dataset.licence},
                     {"source", dataset.source},
                     {"period_s", dataset.period_s},
                     {"edges", std::move(edges)},
                     {"runs", std::move(runs)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace grayling
