#include "daemon/fault/probe_answer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/fault_kinds.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

using nlohmann::json;

std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool FlagOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string Shortened(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  return std::string(text.substr(0, 200));
}

absl::Status Nonsense(const ExecResult& result, absl::string_view place) {
  return absl::InternalError(absl::StrCat("the faults' tool in the ", place, " exited with ",
                                          result.exit_code, " and printed '", Shortened(result.out),
                                          "', errors '", Shortened(result.err),
                                          "'; is it of this daemon's version?"));
}

}  // namespace

absl::StatusOr<ProbeAnswer> ParseProbeAnswer(const ExecResult& result, const std::string& id,
                                             absl::string_view place) {
  const json object = json::parse(result.out, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return Nonsense(result, place);
  const bool ok = FlagOf(object, "ok");
  if (!ok) {
    const std::string sentence = TextOf(object, "error");
    if (sentence.empty() || result.exit_code == 0) return Nonsense(result, place);
    if (!TextOf(object, "residue").empty()) return absl::DataLossError(sentence);
    if (FlagOf(object, "unknown")) return absl::NotFoundError(sentence);
    return absl::FailedPreconditionError(absl::StrCat("the ", place, " refused: ", sentence));
  }
  if (result.exit_code != 0 || TextOf(object, "id") != id) return Nonsense(result, place);

  ProbeAnswer answer;
  answer.id = id;
  const auto nanoseconds = object.find("guest_time_ns");
  if (nanoseconds == object.end() || !nanoseconds->is_number_integer() ||
      nanoseconds->get<int64_t>() <= 0) {
    return Nonsense(result, place);
  }
  answer.guest_time = absl::FromUnixNanos(nanoseconds->get<int64_t>());
  answer.readback = TextOf(object, "readback");
  answer.residue = TextOf(object, "residue");
  const auto values = object.find("values");
  if (values != object.end() && values->is_object()) {
    for (const auto& [name, value] : values->items()) {
      if (value.is_number()) answer.values[name] = value.get<double>();
    }
  }
  return answer;
}

absl::StatusOr<FaultEffect> EffectOfRevert(const ExecResult& result, const std::string& id,
                                           absl::string_view place) {
  GRAYLING_ASSIGN_OR_RETURN(const ProbeAnswer answer, ParseProbeAnswer(result, id, place));
  if (!answer.residue.empty()) {
    return absl::DataLossError(
        absl::StrCat("fault ", id, " was reverted but its target still shows: ", answer.residue));
  }
  return FaultEffect{answer.guest_time, answer.readback};
}

absl::StatusOr<std::vector<std::string>> ParseMarks(const ExecResult& result,
                                                    const std::string& domain) {
  const json object = json::parse(result.out, nullptr, false);
  if (result.exit_code != 0 || !object.is_object() || !object.contains("marks") ||
      !object["marks"].is_array()) {
    return absl::InternalError(absl::StrCat("the faults' tool did not list its faults: exit code ",
                                            result.exit_code, ", '", Shortened(result.out), "'"));
  }
  std::vector<std::string> marks;
  for (const json& mark : object["marks"]) {
    if (!mark.is_object() || !mark.contains("id") || !mark["id"].is_string()) continue;
    const std::string owner = TextOf(mark, "domain");
    if (!domain.empty() && !owner.empty() && owner != domain) continue;
    // A mark that does not clearly say it has ended is taken for a live one.
    const bool ended = mark.contains("active") && mark["active"].is_boolean() && !mark["active"];
    if (!ended) marks.push_back(mark["id"].get<std::string>());
  }
  return marks;
}

namespace {

constexpr double kLeastShareOfLoad = 0.5;  // the tool itself refuses what falls below

absl::Status CompareMeasuredLoad(double asked, const ProbeAnswer& answer) {
  const auto measured = answer.values.find("percent_measured");
  if (measured != answer.values.end() && measured->second >= kLeastShareOfLoad * asked) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("cpu.load was asked for with percent = ", asked, " but the guest measured ",
                   measured == answer.values.end() ? "nothing" : absl::StrCat(measured->second),
                   " ('", answer.readback, "')"));
}

}  // namespace

absl::Status CompareReadback(const FaultOrder& order, const ProbeAnswer& answer) {
  const FaultKind* kind = FindFaultKindOrNull(order.kind);
  // What ChaosBlade does inside a JVM cannot be read from outside.
  const bool is_readable = kind != nullptr && kind->target != FaultTarget::kBlade;
  // It has no control over the rate either: the one measured is what it is.
  if (order.kind == "disk.burn" && !order.arguments.empty()) return absl::OkStatus();
  if (!is_readable || kind->Intensity() == nullptr) return absl::OkStatus();
  const bool is_reached_by_work =
      absl::StartsWith(order.kind, "memory.") || absl::StartsWith(order.kind, "disk.");
  const double tolerance = is_reached_by_work ? 0.20 : 0.01;
  const std::string& name = kind->Intensity()->name;
  const double share = ShareAt(order.shape, 0, absl::ToDoubleSeconds(order.duration));
  const double asked = IntensityAt(*kind, order.parameters.at(name), share);
  const auto found = answer.values.find(name);
  // A value of zero need not be said.
  const double read = found == answer.values.end() ? 0 : found->second;
  const bool is_counted = order.kind == "vm.disk_throttle" || order.kind == "vm.nic_throttle";
  const double allowed = std::max(tolerance * std::abs(asked), is_counted ? 0.5 : 0.0);
  if (std::abs(read - asked) > allowed) {
    return absl::FailedPreconditionError(absl::StrCat(
        order.kind, " was asked for with ", name, " = ", asked, " but the target reads back ",
        found == answer.values.end() ? "none" : absl::StrCat(read), " ('", answer.readback, "')"));
  }
  if (order.kind == "cpu.load") return CompareMeasuredLoad(asked, answer);
  return absl::OkStatus();
}

}  // namespace grayling
