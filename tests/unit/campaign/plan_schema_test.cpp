#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/fault_kinds.h"
#include "daemon/campaign/plan_keys.h"
#include "daemon/fault/catalogue.h"

// deploy/campaign-plan.schema.json against the parser and the catalogue, so that no key, kind,
// parameter, range or option stands in one of them alone. After a change of the catalogue:
// GRAYLING_UPDATE_GOLDEN=1 campaign_test writes the kinds' rules anew; then read the diff.

namespace grayling {
namespace {

using Json = nlohmann::ordered_json;

const char kSchemaPath[] = GRAYLING_PLANS "/campaign-plan.schema.json";

Json Schema() {
  std::ifstream file(kSchemaPath);
  return Json::parse(file, nullptr, false);
}

std::set<std::string> KeysOf(const Json& mapping) {
  std::set<std::string> keys;
  for (const auto& [key, value] : mapping.at("properties").items()) keys.insert(key);
  return keys;
}

Json ParametersRule(const FaultKind& kind) {
  Json properties = Json::object();
  for (const FaultParameter& parameter : kind.parameters) {
    const Json number = {
        {"type", "number"}, {"minimum", parameter.minimum}, {"maximum", parameter.maximum}};
    properties[parameter.name] = {
        {"description", parameter.description},
        {"default", parameter.default_value},
        {"anyOf", {number, {{"type", "array"}, {"minItems", 1}, {"items", number}}}}};
  }
  return {{"additionalProperties", false}, {"properties", properties}};
}

Json OptionsRule(const FaultKind& kind) {
  Json properties = Json::object();
  for (const FaultOption& option : kind.options) {
    Json& property = properties[option.name];
    property["description"] = option.description;
    if (!option.default_value.empty()) property["default"] = option.default_value;
    if (option.choices.empty()) {
      property["type"] = "string";
    } else {
      property["enum"] = option.choices;
    }
  }
  return {{"additionalProperties", false}, {"properties", properties}};
}

// What an entry of 'faults' may say when it is of this kind.
Json KindRule(const FaultKind& kind) {
  Json properties = Json::object();
  Json required = Json::array();
  if (kind.target == FaultTarget::kMachine) {
    properties["services"] = false;
  } else {
    required.push_back("services");
  }
  properties["parameters"] = ParametersRule(kind);
  if (kind.parameters.empty()) properties["intensity"] = properties["intensities"] = false;
  properties["options"] = OptionsRule(kind);
  if (!kind.can_change) properties["shape"] = {{"properties", {{"kind", {{"const", "constant"}}}}}};
  properties["backend"] = {{"enum", BackendsOf(kind)}};
  if (kind.kind == "blade") {
    required.push_back("arguments");
  } else {
    properties["arguments"] = false;
  }
  return {{"if", {{"properties", {{"kind", {{"const", kind.kind}}}}}}},
          {"then", {{"required", required}, {"properties", properties}}}};
}

TEST(PlanSchema, EveryKeyOfTheParserIsInTheSchemaAndNoOther) {
  const Json schema = Schema();
  ASSERT_TRUE(schema.is_object());
  std::set<std::string> mappings;
  for (const auto& [name, keys] : PlanKeys()) {
    mappings.insert(name);
    const Json& mapping = name == "plan" ? schema : schema.at("$defs").at(name);
    EXPECT_EQ(KeysOf(mapping), std::set<std::string>(keys.begin(), keys.end())) << name;
    EXPECT_EQ(mapping.at("additionalProperties"), false) << name;
  }
  for (const auto& [name, definition] : schema.at("$defs").items()) {
    if (!definition.contains("properties")) continue;
    EXPECT_EQ(mappings.count(name), 1u) << name;
  }
}

TEST(PlanSchema, KindsParametersAndOptionsAreThoseOfTheCatalogue) {
  Json schema = Schema();
  ASSERT_TRUE(schema.is_object());
  Json kinds = Json::array();
  Json rules = Json::array();
  for (const FaultKind& kind : FaultKinds()) {
    kinds.push_back(kind.kind);
    rules.push_back(KindRule(kind));
  }
  Json& fault = schema["$defs"]["fault"];
  if (std::getenv("GRAYLING_UPDATE_GOLDEN") != nullptr) {
    fault["properties"]["kind"]["enum"] = kinds;
    fault["allOf"] = rules;
    std::ofstream(kSchemaPath) << schema.dump(2) << "\n";
  }
  EXPECT_EQ(fault["properties"]["kind"]["enum"], kinds);
  ASSERT_EQ(fault["allOf"].size(), rules.size());
  for (size_t i = 0; i < rules.size(); ++i) {
    // Through text: 8 and 8.0 are one number there.
    EXPECT_EQ(Json::parse(fault["allOf"][i].dump()), Json::parse(rules[i].dump()))
        << FaultKinds()[i].kind;
  }
}

}  // namespace
}  // namespace grayling
