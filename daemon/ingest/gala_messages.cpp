#include "daemon/ingest/gala_messages.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/ingest/sample_intake.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

using Json = nlohmann::json;

absl::StatusOr<Json> ObjectOf(absl::string_view text) {
  Json object = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (object.is_object()) return object;
  return absl::InvalidArgumentError("a message from Kafka is no JSON object");
}

// gala-gopher writes strings only; a number is taken as well. Empty when it is neither.
std::string TextOf(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  if (found->is_string()) return found->get<std::string>();
  return found->is_number() ? found->dump() : "";
}

std::vector<std::string> WordsOf(const Json& object, const char* key) {
  std::vector<std::string> words;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return words;
  for (const Json& word : *found) {
    if (word.is_string()) words.push_back(word.get<std::string>());
  }
  return words;
}

}  // namespace

absl::Status GalaMessages::Learn(absl::string_view metadata) {
  GRAYLING_ASSIGN_OR_RETURN(const Json object, ObjectOf(metadata));
  const std::string entity = TextOf(object, "entity_name");
  const std::vector<std::string> metrics = WordsOf(object, "metrics");
  if (entity.empty() || metrics.empty()) {
    return absl::InvalidArgumentError(
        "a metadata message from Kafka has no entity_name or no metrics");
  }
  entities_[entity][TextOf(object, "meta_name")] = {WordsOf(object, "keys"),
                                                    {metrics.begin(), metrics.end()}};
  return absl::OkStatus();
}

absl::Status GalaMessages::Read(absl::string_view message, SampleBatch& batch) {
  GRAYLING_ASSIGN_OR_RETURN(const Json object, ObjectOf(message));
  const std::string entity = TextOf(object, "entity_name");
  int64_t time_ms = 0;
  if (entity.empty() || !absl::SimpleAtoi(TextOf(object, "timestamp"), &time_ms) ||
      !IsRecordable(time_ms)) {
    return absl::InvalidArgumentError(
        "a message from Kafka has no entity_name or no timestamp in milliseconds");
  }
  const auto known = entities_.find(entity);
  if (known == entities_.end()) {
    return absl::NotFoundError(absl::StrCat("no metadata came for gala-gopher's entity ", entity));
  }
  // The message does not name its table. What is a metric in one table may be a label in another of
  // the same entity, so only those count whose keys are all there.
  const auto is_metric = [&](const std::string& field) {
    return std::any_of(known->second.begin(), known->second.end(), [&](const auto& table) {
      const auto& [keys, metrics] = table.second;
      return metrics.contains(field) &&
             std::all_of(keys.begin(), keys.end(),
                         [&](const std::string& key) { return object.contains(key); });
    });
  };
  std::map<std::string, std::string> labels;
  std::vector<std::pair<std::string, double>> values;
  for (const auto& [field, ignored] : object.items()) {
    if (field == "timestamp" || field == "entity_name") continue;
    const std::string text = TextOf(object, field);
    double value = 0;
    if (!is_metric(field)) {
      labels.emplace(field, text);
    } else if (absl::SimpleAtod(text, &value)) {
      values.emplace_back(field, value);
    }
  }
  for (const auto& [metric, value] : values) {
    GRAYLING_ASSIGN_OR_RETURN(
        const SeriesId id,
        store_.Intern(SeriesText(absl::StrCat("gala_gopher_", entity, "_", metric), labels)));
    batch.series.push_back(id);
    batch.values.push_back(value);
    batch.times_ms.push_back(time_ms);
  }
  return absl::OkStatus();
}

}  // namespace grayling
