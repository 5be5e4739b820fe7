#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/fault_kinds.h"
#include "base/proto_shape.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

namespace grayling {
namespace {

// 1:05:07
std::string Offset(const google::protobuf::Duration& since_start) {
  const int64_t seconds = since_start.seconds();
  return absl::StrFormat("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

// 33 thousand is as good as an estimate gets.
std::string About(double number) {
  if (number < 1000) return absl::StrFormat("%.0f", number);
  const double step = std::pow(10, std::floor(std::log10(number)) - 2);
  std::string digits = absl::StrFormat("%.0f", std::round(number / step) * step);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string Bytes(double bytes) {
  const char* unit = "B";
  for (const char* larger : {"kB", "MB", "GB", "TB"}) {
    if (bytes < 1000) break;
    bytes /= 1000;
    unit = larger;
  }
  return absl::StrFormat("%.3g %s", bytes, unit);
}

std::string WithUnit(const std::string& kind, double value) {
  const FaultKind* known = FindFaultKindOrNull(kind);
  std::string unit =
      known == nullptr || known->Intensity() == nullptr ? "" : known->Intensity()->unit;
  unit = unit.substr(0, unit.find(' '));  // "% of one core"
  return unit.empty() ? absl::StrCat(value) : absl::StrCat(value, " ", unit);
}

std::string Intensity(const v1::FaultWindow& window) {
  if (!window.gray().empty()) return absl::StrCat("gray(", window.gray(), ")");
  const FaultKind* kind = FindFaultKindOrNull(window.spec().kind());
  if (kind == nullptr || kind->Intensity() == nullptr) return "";
  const auto value = window.spec().parameters().find(kind->Intensity()->name);
  return value == window.spec().parameters().end() ? ""
                                                   : WithUnit(window.spec().kind(), value->second);
}

// What differs from the catalogue's defaults, the intensity aside.
std::string Otherwise(const v1::FaultSpec& spec) {
  std::vector<std::string> words;
  const FaultKind* kind = FindFaultKindOrNull(spec.kind());
  FaultParameters parameters;
  FaultOptions options;
  if (kind != nullptr) FillDefaults(*kind, parameters, options);
  // A proto map has no order.
  for (const auto& [name, value] :
       std::map<std::string, double>(spec.parameters().begin(), spec.parameters().end())) {
    const bool is_intensity =
        kind != nullptr && kind->Intensity() != nullptr && kind->Intensity()->name == name;
    const auto usual = parameters.find(name);
    if (is_intensity || (usual != parameters.end() && usual->second == value)) continue;
    words.push_back(absl::StrCat(name, "=", value));
  }
  for (const auto& [name, value] :
       std::map<std::string, std::string>(spec.options().begin(), spec.options().end())) {
    const auto usual = options.find(name);
    if (usual == options.end() || usual->second != value) {
      words.push_back(absl::StrCat(name, "=", value));
    }
  }
  if (!spec.backend().empty()) words.push_back(spec.backend());
  words.insert(words.end(), spec.arguments().begin(), spec.arguments().end());
  if (spec.has_shape()) words.push_back(DescribeShape(FromShapeProto(spec.shape())));
  return absl::StrJoin(words, " ");
}

// A table within the summary: one row for each class.
Table ClassTable(const v1::PlanCampaignResponse& plan) {
  Table table;
  table.columns = {"KIND", "SERVICE", "INTENSITY", "LOAD", "WINDOWS"};
  for (const v1::WindowClass& one : plan.classes()) {
    std::string intensity;
    if (!one.gray().empty()) {
      intensity = absl::StrCat("gray(", one.gray(), ")");
    } else if (one.intensity() != 0) {
      intensity = WithUnit(one.kind(), one.intensity());
    }
    table.rows.push_back(
        {one.kind(), one.service(), intensity, one.load(), absl::StrCat(one.windows())});
  }
  return table;
}

std::string Counted(int count, const std::string& one, const std::string& many) {
  return absl::StrCat(count, " ", count == 1 ? one : many);
}

void AppendLines(const std::string& text, std::vector<std::string>& lines) {
  for (const auto line : absl::StrSplit(text, '\n')) lines.emplace_back(line);
}

}  // namespace

Table TableOf(const v1::PlanCampaignResponse& plan) {
  Table table;
  table.columns = {"WINDOW",    "GROUP",     "LOAD",  "KIND", "SERVICE",
                   "INTENSITY", "OTHERWISE", "START", "END"};
  for (const v1::FaultWindow& window : plan.windows()) {
    table.rows.push_back({absl::StrCat(window.index()), window.group(), window.load(),
                          window.spec().kind(), window.spec().service(), Intensity(window),
                          Otherwise(window.spec()), Offset(window.planned_start()),
                          Offset(window.planned_end())});
  }
  table.summary.push_back(absl::StrCat("takes ", Offset(plan.duration()), " (h:mm:ss), ",
                                       Counted(plan.windows_size(), "window", "windows"), " in ",
                                       Counted(plan.classes_size(), "class", "classes")));
  if (plan.has_traffic()) {
    const v1::TrafficEstimate& traffic = plan.traffic();
    table.summary.push_back(absl::StrFormat(
        "about %s requests and %s of answers, %.3g requests/s after the ramp-up",
        About(traffic.requests()), Bytes(traffic.response_bytes()), traffic.requests_per_second()));
    table.summary.push_back(absl::StrFormat(
        "  taking answers to last %.3g ms and to have %s each, by %s", traffic.response_ms(),
        Bytes(traffic.bytes_per_response()), traffic.basis()));
  }
  table.summary.emplace_back();
  AppendLines(RenderTable(ClassTable(plan)), table.summary);
  return table;
}

}  // namespace grayling
