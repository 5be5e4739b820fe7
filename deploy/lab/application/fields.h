#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace grayling::lab {

// Keeps the order of the keys, `id` first, as PetClinic's own answers.
using Json = nlohmann::ordered_json;

// The JSON object in a request's body. INVALID_ARGUMENT when it is none.
absl::StatusOr<Json> ParseObject(const std::string& body);

// The non-empty text under `key`. INVALID_ARGUMENT names the key.
absl::StatusOr<std::string> TextField(const Json& object, const std::string& key);

// The number under `key`; digits in quotes will do, since JMeter plans send them so.
absl::StatusOr<int64_t> NumberField(const Json& object, const std::string& key);

// The text under `key`, or `otherwise` when there is none.
std::string TextFieldOr(const Json& object, const std::string& key, const std::string& otherwise);

}  // namespace grayling::lab
