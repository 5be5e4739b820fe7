#include "client/cli/output/document.h"

#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

#include <array>

#include "absl/strings/ascii.h"

namespace grayling {
namespace {

bool ReadsAsAnotherType(const std::string& text) {
  static constexpr std::array<const char*, 8> kWords = {"",      "~",   "null", "true",
                                                        "false", "yes", "no",   "nan"};
  const std::string lower = absl::AsciiStrToLower(text);
  for (const char* word : kWords) {
    if (lower == word) return true;
  }
  return nlohmann::json::accept(text);
}

void Emit(const nlohmann::ordered_json& node, YAML::Emitter& out) {
  if (node.is_object()) {
    if (node.empty()) out << YAML::Flow;
    out << YAML::BeginMap;
    for (const auto& [key, value] : node.items()) {
      out << YAML::Key << key << YAML::Value;
      Emit(value, out);
    }
    out << YAML::EndMap;
  } else if (node.is_array()) {
    if (node.empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const auto& value : node) Emit(value, out);
    out << YAML::EndSeq;
  } else if (node.is_string()) {
    const auto text = node.get<std::string>();
    if (ReadsAsAnotherType(text)) out << YAML::DoubleQuoted;
    out << text;
  } else {
    out << node.dump();
  }
}

}  // namespace

nlohmann::ordered_json DocumentOf(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string text;
  // Fails only for an Any of an unknown type, and this contract has none.
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  auto document = nlohmann::ordered_json::parse(text, nullptr, false);
  if (document.is_object()) document.erase("nextPageToken");
  return document;
}

std::string RenderJson(const nlohmann::ordered_json& document) { return document.dump(2) + "\n"; }

std::string RenderYaml(const nlohmann::ordered_json& document) {
  YAML::Emitter out;
  Emit(document, out);
  return std::string(out.c_str()) + "\n";
}

}  // namespace grayling
