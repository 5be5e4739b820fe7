#include "daemon/load/jmeter_command.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr uint32_t kMostThreads = 2000;
constexpr size_t kLongestName = 100;
constexpr size_t kLongestValue = 10'000;
constexpr absl::Duration kLongestTime = absl::Hours(1);
constexpr absl::Duration kWithoutEnd = absl::Hours(7 * 24);

constexpr std::array<absl::string_view, 4> kReservedPrefixes = {
    "jmeter.save.saveservice.", "jmeterengine.nongui.", "jmeterengine.force.system.exit",
    "sampleresult.timestamp.start"};

// A CSV that can be read while it grows, with the columns that the reader wants and no others.
constexpr std::array<const char*, 21> kFixedProperties = {
    "jmeter.save.saveservice.output_format=csv",
    "jmeter.save.saveservice.default_delimiter=,",
    "jmeter.save.saveservice.timestamp_format=ms",
    "jmeter.save.saveservice.print_field_names=true",
    "jmeter.save.saveservice.autoflush=true",
    "jmeter.save.saveservice.time=true",
    "jmeter.save.saveservice.label=true",
    "jmeter.save.saveservice.successful=true",
    "jmeter.save.saveservice.response_code=true",
    "jmeter.save.saveservice.response_message=true",
    "jmeter.save.saveservice.assertion_results_failure_message=true",
    "jmeter.save.saveservice.bytes=true",
    "jmeter.save.saveservice.thread_counts=true",
    "jmeter.save.saveservice.subresults=false",
    "jmeter.save.saveservice.thread_name=false",
    "jmeter.save.saveservice.data_type=false",
    "jmeter.save.saveservice.url=false",
    "jmeter.save.saveservice.idle_time=false",
    "sampleresult.timestamp.start=true",
    // A thread that a sampler left behind must not keep the process.
    "jmeterengine.force.system.exit=true",
    "summariser.interval=60",
};

std::string WholeSeconds(absl::Duration time) {
  return absl::StrCat(static_cast<int64_t>(std::ceil(absl::ToDoubleSeconds(time))));
}

std::string WholeMilliseconds(absl::Duration time) {
  return absl::StrCat(std::llround(absl::ToDoubleMilliseconds(time)));
}

void AddAddress(absl::string_view url, std::map<std::string, std::string>& properties) {
  const bool secure = absl::ConsumePrefix(&url, "https://");
  if (!secure && !absl::ConsumePrefix(&url, "http://")) return;
  url = url.substr(0, url.find('/'));
  const size_t colon = url.rfind(':');
  properties["protocol"] = secure ? "https" : "http";
  properties["host"] = std::string(url.substr(0, colon));
  properties["port"] = secure ? "443" : "80";
  if (colon != absl::string_view::npos) {
    properties["port"] = std::string(url.substr(colon + 1));
  }
}

std::map<std::string, std::string> PropertiesOf(const LoadSettings& settings) {
  std::map<std::string, std::string> properties = {
      {"threads", absl::StrCat(settings.users)},
      {"rampup", WholeSeconds(settings.ramp_up)},
      {"duration", WholeSeconds(kWithoutEnd)},
      {"think_time_ms", WholeMilliseconds(settings.think_time_mean)},
      {"think_time_deviation_ms", WholeMilliseconds(settings.think_time_deviation)},
      {"timeout_ms", WholeMilliseconds(settings.request_timeout)},
      {"seed", absl::StrCat(settings.seed)},
  };
  AddAddress(settings.base_url, properties);
  for (const auto& [name, value] : settings.jmeter_properties) properties[name] = value;
  return properties;
}

}  // namespace

absl::Status CheckJmeterProperty(absl::string_view name, absl::string_view value) {
  const bool is_name = !name.empty() && name.size() <= kLongestName &&
                       absl::ascii_isalpha(name.front()) &&
                       std::all_of(name.begin(), name.end(), [](unsigned char c) {
                         return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
                       });
  if (!is_name) {
    return absl::InvalidArgumentError(absl::StrCat(
        "JMeter property '", name,
        "' is no name; use up to 100 letters, digits, '.', '_', '-', and a letter first"));
  }
  for (const absl::string_view reserved : kReservedPrefixes) {
    if (!absl::StartsWith(name, reserved)) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "JMeter property '", name, "' is set by Grayling, which reads the results; leave it out"));
  }
  if (value.size() > kLongestValue ||
      std::any_of(value.begin(), value.end(), absl::ascii_iscntrl)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the value of JMeter property '", name,
        "' is longer than 10,000 bytes or has a control character; put it into a file"));
  }
  return absl::OkStatus();
}

absl::Status CheckJmeterSettings(const LoadSettings& settings) {
  if (!absl::StartsWith(settings.jmeter_plan, "/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("JMeter plan '", settings.jmeter_plan,
                     "' is no absolute path; give the path on the daemon's machine"));
  }
  const std::string& url = settings.base_url;
  const bool is_http = absl::StartsWith(url, "http://") || absl::StartsWith(url, "https://");
  if (!url.empty() && (!is_http || absl::EndsWith(url, "/"))) {
    return absl::InvalidArgumentError(absl::StrCat(
        "load base_url '", url, "' is not an HTTP address; write http://127.0.0.1:PORT"));
  }
  if (settings.users < 1 || settings.users > kMostThreads) {
    return absl::InvalidArgumentError(absl::StrCat("load users is ", settings.users,
                                                   "; it must be between 1 and ", kMostThreads));
  }
  for (const absl::Duration time : {settings.think_time_mean, settings.think_time_deviation,
                                    settings.ramp_up, settings.request_timeout}) {
    if (time >= absl::ZeroDuration() && time <= kLongestTime) continue;
    return absl::InvalidArgumentError(
        "load think time, ramp-up and time-out must lie between 0 and one hour");
  }
  for (const auto& [name, value] : settings.jmeter_properties) {
    GRAYLING_RETURN_IF_ERROR(CheckJmeterProperty(name, value));
  }
  return absl::OkStatus();
}

std::vector<std::string> JmeterCommand(const LoadSettings& settings, const std::string& java,
                                       const std::string& home, const JmeterFiles& files,
                                       uint16_t stop_port) {
  std::vector<std::string> command = {
      java, "-Xms64m", "-Xmx512m", "-XX:MaxMetaspaceSize=256m", "-XX:+ExitOnOutOfMemoryError",
      "-Djava.awt.headless=true", absl::StrCat("-Djava.util.prefs.userRoot=", files.folder),
      // Groovy and XStream look into the JDK's own classes.
      "--add-opens=java.base/java.lang=ALL-UNNAMED",
      "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
      "--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=java.base/java.text=ALL-UNNAMED",
      "-jar", absl::StrCat(home, "/bin/ApacheJMeter.jar"), "-n", "-t", settings.jmeter_plan, "-l",
      files.results(), "-j", files.log()};
  for (const auto& [name, value] : PropertiesOf(settings)) {
    command.push_back(absl::StrCat("-J", name, "=", value));
  }
  for (const char* property : kFixedProperties) command.push_back(absl::StrCat("-J", property));
  // Equal bounds: JMeter must not move on to a port that nobody speaks to.
  command.push_back(absl::StrCat("-Jjmeterengine.nongui.port=", stop_port));
  command.push_back(absl::StrCat("-Jjmeterengine.nongui.maxport=", stop_port));
  return command;
}

}  // namespace grayling
