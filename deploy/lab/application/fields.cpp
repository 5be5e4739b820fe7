#include "deploy/lab/application/fields.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace grayling::lab {

absl::StatusOr<Json> ParseObject(const std::string& body) {
  Json parsed = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) {
    return absl::InvalidArgumentError("the request's body is not a JSON object; send one");
  }
  return parsed;
}

absl::StatusOr<std::string> TextField(const Json& object, const std::string& key) {
  std::string text = TextFieldOr(object, key, "");
  if (text.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("field '", key, "' of the request is missing or no text; give it a text"));
  }
  return text;
}

absl::StatusOr<int64_t> NumberField(const Json& object, const std::string& key) {
  const auto found = object.find(key);
  if (found != object.end()) {
    if (found->is_number_integer()) return found->get<int64_t>();
    int64_t number = 0;
    if (found->is_string() && absl::SimpleAtoi(found->get<std::string>(), &number)) return number;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("field '", key, "' of the request is missing or no number; give it a number"));
}

std::string TextFieldOr(const Json& object, const std::string& key, const std::string& otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

}  // namespace grayling::lab
