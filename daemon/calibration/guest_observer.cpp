#include "daemon/calibration/guest_observer.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"
#include "daemon/guest/services.h"

namespace grayling {
namespace {

constexpr absl::Duration kGuestTimeout = absl::Seconds(10);
constexpr long kEndpointTimeout_s = 5;

size_t Discard(char*, size_t size, size_t count, void*) { return size * count; }

// The HTTP status, 0 when nothing answered.
long StatusOfGet(const std::string& url) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(),
                                                                   &curl_easy_cleanup);
  if (handle == nullptr) return 0;
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT, kEndpointTimeout_s);
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &Discard);
  if (curl_easy_perform(handle.get()) != CURLE_OK) return 0;
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

// Spring's path where the plain one does not exist.
void CheckEndpoint(const std::string& base, ObserverReading& reading) {
  long status = StatusOfGet(base + "/health");
  if (status == 404) status = StatusOfGet(base + "/actuator/health");
  if (status >= 200 && status < 300) return;
  reading.silent_endpoints.push_back(
      status == 0 ? absl::StrCat(base, "/health does not answer within 5 s")
                  : absl::StrCat(base, "/health answers with status ", status));
}

// argv that prints all files that the reading needs.
std::vector<std::string> ReadCommand(const std::vector<GuestService>& services) {
  std::vector<std::string> argv = {"/usr/bin/tail", "-v",           "-n", "+1",
                                   "/proc/stat",    "/proc/meminfo"};
  for (const GuestService& service : services) {
    if (service.cgroup_path.empty()) continue;
    for (const char* file : {"memory.current", "memory.max", "memory.stat"}) {
      argv.push_back(absl::StrCat(service.cgroup_path, "/", file));
    }
  }
  return argv;
}

// `tail -v` writes "==> FILE <==" before each.
std::map<std::string, std::string> SplitFiles(const std::string& text) {
  std::map<std::string, std::string> files;
  std::string* file = nullptr;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const bool is_header =
        line.size() > 8 && line.substr(0, 4) == "==> " && line.substr(line.size() - 4) == " <==";
    if (is_header) {
      file = &files[std::string(line.substr(4, line.size() - 8))];
    } else if (file != nullptr) {
      absl::StrAppend(file, line, "\n");
    }
  }
  return files;
}

uint64_t NumberIn(absl::string_view text) {
  uint64_t value = 0;
  return absl::SimpleAtoi(absl::StripAsciiWhitespace(text), &value) ? value : 0;
}

// The value of "key value" in a file of such lines.
uint64_t KeyedNumber(const std::string& text, absl::string_view key) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" :"), absl::SkipEmpty());
    if (words.size() >= 2 && words[0] == key) return NumberIn(words[1]);
  }
  return 0;
}

}  // namespace

void ReadProcStat(const std::string& text, ObserverReading& reading) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(absl::string_view(text).substr(0, text.find('\n')), ' ', absl::SkipEmpty());
  // cpu user nice system idle iowait irq softirq steal guest guest_nice; guest is within user.
  for (size_t i = 1; i < std::min<size_t>(words.size(), 9); ++i) {
    const auto ticks = static_cast<double>(NumberIn(words[i]));
    reading.cpu_all_ticks += ticks;
    if (i != 4 && i != 5) reading.cpu_busy_ticks += ticks;
  }
}

void ReadMeminfo(const std::string& text, ObserverReading& reading) {
  const auto all = static_cast<double>(KeyedNumber(text, "MemTotal"));
  if (all > 0) {
    reading.memory_available_share = static_cast<double>(KeyedNumber(text, "MemAvailable")) / all;
  }
}

absl::StatusOr<ObserverReading> GuestObserver::Read(const std::string& vm) {
  GRAYLING_ASSIGN_OR_RETURN(Executor * executor, guests_.ExecutorOf(vm));
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<GuestService> services, DiscoverServices(*executor));
  // A container that goes between the two questions leaves its files unreadable: exit code 1, and
  // the rest is there all the same.
  GRAYLING_ASSIGN_OR_RETURN(const ExecResult result,
                            executor->Run(ReadCommand(services), kGuestTimeout));
  std::map<std::string, std::string> files = SplitFiles(result.out);
  ObserverReading reading;
  ReadProcStat(files["/proc/stat"], reading);
  ReadMeminfo(files["/proc/meminfo"], reading);
  for (const GuestService& service : services) {
    const uint64_t current = NumberIn(files[absl::StrCat(service.cgroup_path, "/memory.current")]);
    const uint64_t cold =
        KeyedNumber(files[absl::StrCat(service.cgroup_path, "/memory.stat")], "inactive_file");
    reading.services[service.name] = {
        service.health, current - std::min(current, cold),
        NumberIn(files[absl::StrCat(service.cgroup_path, "/memory.max")])};
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<std::string> urls, urls_(vm));
  for (const std::string& url : urls) CheckEndpoint(url, reading);
  return reading;
}

}  // namespace grayling
