#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>
#include <string>

namespace grayling {

// A message in protobuf's JSON mapping (lowerCamelCase names, 64-bit integers as strings), with
// every plain field present, and without the page token: lists are shown whole.
nlohmann::ordered_json DocumentOf(const google::protobuf::Message& message);

// Indented by two, with a final newline.
std::string RenderJson(const nlohmann::ordered_json& document);

// Block style. Strings that YAML would read as another type are quoted.
std::string RenderYaml(const nlohmann::ordered_json& document);

}  // namespace grayling
