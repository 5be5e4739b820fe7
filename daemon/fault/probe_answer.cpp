#include "daemon/fault/probe_answer.h"

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

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

absl::Status Nonsense(const ExecResult& result) {
  return absl::InternalError(absl::StrCat("grayling-probe in the guest exited with ",
                                          result.exit_code, " and printed '", Shortened(result.out),
                                          "', errors '", Shortened(result.err),
                                          "'; is it of this daemon's version?"));
}

}  // namespace

absl::StatusOr<ProbeAnswer> ParseProbeAnswer(const ExecResult& result, const std::string& id) {
  const json object = json::parse(result.out, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return Nonsense(result);
  const bool ok = FlagOf(object, "ok");
  if (!ok) {
    const std::string sentence = TextOf(object, "error");
    if (sentence.empty() || result.exit_code == 0) return Nonsense(result);
    if (!TextOf(object, "residue").empty()) return absl::DataLossError(sentence);
    if (FlagOf(object, "unknown")) return absl::NotFoundError(sentence);
    return absl::FailedPreconditionError(absl::StrCat("the guest refused: ", sentence));
  }
  if (result.exit_code != 0 || TextOf(object, "id") != id) return Nonsense(result);

  ProbeAnswer answer;
  answer.id = id;
  const auto nanoseconds = object.find("guest_time_ns");
  if (nanoseconds == object.end() || !nanoseconds->is_number_integer() ||
      nanoseconds->get<int64_t>() <= 0) {
    return Nonsense(result);
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

absl::Status CompareReadback(const std::string& kind, const std::map<std::string, double>& asked,
                             const ProbeAnswer& answer) {
  const double tolerance = absl::StartsWith(kind, "network.") ? 0.01 : 0.20;
  for (const auto& [name, value] : asked) {
    const auto found = answer.values.find(name);
    // A value of zero need not be said: a delay without jitter has none.
    const double read = found == answer.values.end() ? 0 : found->second;
    if (std::abs(read - value) <= tolerance * std::abs(value)) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        kind, " was asked for with ", name, " = ", value, " but the guest reads back ",
        found == answer.values.end() ? "none" : absl::StrCat(read), " ('", answer.readback, "')"));
  }
  const auto load = asked.find("percent");
  if (kind == "cpu.load" && load != asked.end()) return CompareMeasuredLoad(load->second, answer);
  return absl::OkStatus();
}

}  // namespace grayling
