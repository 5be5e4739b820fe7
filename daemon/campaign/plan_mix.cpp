#include "daemon/campaign/plan_mix.h"

#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/campaign/plan_keys.h"
#include "daemon/campaign/plan_readers.h"
#include "daemon/load/petclinic_mix.h"

namespace grayling {
namespace {

constexpr size_t kLargestMix = 1 << 18;  // bytes
constexpr double kLargestWeight = 1e9;

MixRequest ReadRequest(const YAML::Node& node, size_t number, YamlComplaint& complaint) {
  const std::string what = absl::StrCat("entry ", number, " of 'requests'");
  StrictMapping entry(node, what, PlanKeys().at("request"), complaint);
  MixRequest request;
  request.name = entry.Text("name");
  const std::string method =
      entry.ChoiceOr("method", {"GET", "POST", "PUT", "PATCH", "DELETE"}, "GET");
  request.method = MethodOf(method).value_or(HttpMethod::kGet);
  request.path = entry.Text("path");
  request.body = entry.TextOr("body", "");
  request.weight = entry.NumberOr("weight", 0, kLargestWeight, 1);
  request.expected_status = static_cast<int>(entry.IntegerOr("status", 100, 599, 200));
  request.learns = entry.TextOr("learns", "");
  return request;
}

MixId ReadId(const std::string& name, const YAML::Node& node, YamlComplaint& complaint) {
  StrictMapping range(node, absl::StrCat("'", name, "' in 'ids'"), PlanKeys().at("id"), complaint);
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  MixId id;
  id.name = name;
  id.from = range.IntegerOr("from", 0, kLargest, 1);
  id.to = range.IntegerOr("to", 0, kLargest, id.from);
  return id;
}

RequestMix ReadRequests(const YAML::Node& node, YamlComplaint& complaint) {
  StrictMapping top(node, "the mix", PlanKeys().at("mix"), complaint);
  RequestMix mix;
  for (const YAML::Node& element : top.Elements("requests")) {
    mix.requests.push_back(ReadRequest(element, mix.requests.size() + 1, complaint));
  }
  if (top.Has("ids")) {
    const YAML::Node ids = top.Child("ids");
    if (!ids.IsMap()) complaint.Add(ids.Mark(), "'ids' must be a mapping of names to from and to");
    for (const auto& entry : ids) {
      if (!ids.IsMap()) break;
      mix.ids.push_back(ReadId(entry.first.Scalar(), entry.second, complaint));
    }
  }
  if (const absl::Status valid = CheckRequestMix(mix); !valid.ok()) {
    complaint.Add(top.Where(), valid.message());
  }
  return mix;
}

}  // namespace

void ReadMix(const YAML::Node& node, LoadSettings& settings, YamlComplaint& complaint) {
  if (node.IsMap()) {
    settings.mix = "own";
    settings.own_mix = ReadRequests(node, complaint);
    return;
  }
  settings.mix = node.IsScalar() ? node.Scalar() : "";
  settings.own_mix = {};
  if (const absl::Status known = SeededOwnersOf(settings.mix).status(); !known.ok()) {
    complaint.Add(node.Mark(), known.message());
  }
}

absl::StatusOr<RequestMix> ParseRequestMix(absl::string_view yaml) {
  if (yaml.size() > kLargestMix) {
    return absl::InvalidArgumentError(
        absl::StrCat("the mix has ", yaml.size(), " bytes; the most is ", kLargestMix));
  }
  YamlComplaint complaint("mix");
  RequestMix mix;
  try {
    mix = ReadRequests(YAML::Load(std::string(yaml)), complaint);
  } catch (const YAML::Exception& error) {
    complaint.Add(error.mark, absl::StrCat("this is not YAML: ", error.msg));
  }
  if (!complaint.status().ok()) return complaint.status();
  return mix;
}

}  // namespace grayling
