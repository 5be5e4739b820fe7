#include "absl/strings/str_cat.h"
#include "daemon/campaign/plan_keys.h"
#include "daemon/campaign/plan_readers.h"
#include "daemon/load/jmeter_command.h"

namespace grayling {
namespace {

void ReadProperties(const YAML::Node& node, LoadSettings& settings, YamlComplaint& complaint) {
  if (!node.IsMap()) {
    complaint.Add(node.Mark(), "'properties' in 'jmeter' must be a mapping of names to values");
    return;
  }
  for (const auto& property : node) {
    if (!property.first.IsScalar() || !property.second.IsScalar()) {
      complaint.Add(property.first.Mark(),
                    "an entry of 'properties' in 'jmeter' must be a name and one value");
      return;
    }
    const std::string& name = property.first.Scalar();
    const std::string& value = property.second.Scalar();
    if (const absl::Status valid = CheckJmeterProperty(name, value); !valid.ok()) {
      complaint.Add(property.first.Mark(), valid.message());
    }
    if (!settings.jmeter_properties.emplace(name, value).second) {
      complaint.Add(property.first.Mark(),
                    absl::StrCat("JMeter property '", name, "' is given twice"));
    }
  }
}

}  // namespace

void ReadJmeter(const YAML::Node& node, LoadSettings& settings, YamlComplaint& complaint) {
  StrictMapping jmeter(node, "'jmeter'", PlanKeys().at("jmeter"), complaint);
  settings.jmeter_plan = jmeter.Text("plan");
  settings.jmeter_properties.clear();
  if (jmeter.Has("properties")) {
    ReadProperties(jmeter.Child("properties"), settings, complaint);
  }
  LoadSettings alone;
  alone.jmeter_plan = settings.jmeter_plan;
  if (const absl::Status valid = CheckJmeterSettings(alone); !valid.ok()) {
    complaint.Add(jmeter.Where("plan"), valid.message());
  }
}

}  // namespace grayling
