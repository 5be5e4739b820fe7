#include "daemon/guest/services.h"

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

using nlohmann::json;

// Docker under emulation takes its time.
constexpr absl::Duration kDiscoveryTimeout = absl::Seconds(30);
constexpr absl::Duration kClockTimeout = absl::Seconds(5);
constexpr int kClockExchanges = 5;

absl::StatusOr<std::string> RunProbe(Executor& executor, const std::string& subcommand,
                                     absl::Duration timeout) {
  const absl::StatusOr<ExecResult> result = executor.Run({kProbePath, subcommand}, timeout);
  if (absl::IsNotFound(result.status())) {
    return absl::UnavailableError(
        absl::StrCat("the guest has no ", kProbePath, "; attach the payload disk to the VM"));
  }
  if (!result.ok()) return result.status();
  if (result->exit_code == 0) return result->out;
  const absl::string_view reason = absl::StripAsciiWhitespace(result->err);
  return absl::UnavailableError(absl::StrCat(
      "grayling-probe ", subcommand, " failed in the guest with exit code ", result->exit_code,
      ": ", reason.empty() ? absl::string_view("it gave no reason") : reason));
}

absl::Status UnreadableProbe(absl::string_view what) {
  return absl::InternalError(
      absl::StrCat("grayling-probe containers gave ", what, "; is it of another version?"));
}

// Missing and null are empty: a container without network has no veth.
std::string Text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

absl::StatusOr<GuestService> ServiceOf(const json& object) {
  if (!object.is_object()) return UnreadableProbe("an element that is not an object");
  GuestService service;
  service.name = Text(object, "name");
  service.container_id = Text(object, "id");
  if (service.name.empty() || service.container_id.empty()) {
    return UnreadableProbe("a container without name or id");
  }
  service.image = Text(object, "image");
  const auto pid = object.find("pid");
  if (pid != object.end() && pid->is_number_integer()) service.pid = pid->get<int>();
  service.cgroup_path = Text(object, "cgroup");
  service.veth = Text(object, "veth");
  service.bridge = Text(object, "bridge");
  service.ip_address = Text(object, "ip");
  service.health = Text(object, "health");
  return service;
}

}  // namespace

absl::StatusOr<std::vector<GuestService>> DiscoverServices(Executor& executor) {
  GRAYLING_ASSIGN_OR_RETURN(const std::string text,
                            RunProbe(executor, "containers", kDiscoveryTimeout));
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_array()) return UnreadableProbe("something that is not a JSON array");
  std::vector<GuestService> services;
  for (const json& object : parsed) {
    GRAYLING_ASSIGN_OR_RETURN(GuestService service, ServiceOf(object));
    services.push_back(std::move(service));
  }
  return services;
}

absl::StatusOr<GuestService> FindService(Executor& executor, const std::string& service) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<GuestService> services, DiscoverServices(executor));
  std::vector<std::string> names;
  for (const GuestService& candidate : services) {
    if (candidate.name == service) return candidate;
    names.push_back(candidate.name);
  }
  return absl::NotFoundError(
      names.empty() ? absl::StrCat("no service '", service, "': no container runs in the guest")
                    : absl::StrCat("no service '", service, "' in the guest; there are ",
                                   absl::StrJoin(names, ", ")));
}

absl::StatusOr<MeasuredOffset> MeasureClockOffset(Executor& executor) {
  MeasuredOffset measured;
  absl::Duration shortest = absl::InfiniteDuration();
  for (int i = 0; i < kClockExchanges; ++i) {
    const absl::Time sent = absl::Now();
    GRAYLING_ASSIGN_OR_RETURN(const std::string text, RunProbe(executor, "clock", kClockTimeout));
    const absl::Duration round_trip = absl::Now() - sent;
    int64_t nanoseconds = 0;
    if (!absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &nanoseconds)) {
      return absl::InternalError(absl::StrCat("grayling-probe clock gave '",
                                              absl::StripAsciiWhitespace(text),
                                              "' instead of Unix nanoseconds"));
    }
    if (round_trip >= shortest) continue;
    shortest = round_trip;
    measured.uncertainty = round_trip / 2;
    measured.offset = absl::FromUnixNanos(nanoseconds) - (sent + measured.uncertainty);
  }
  return measured;
}

}  // namespace grayling
