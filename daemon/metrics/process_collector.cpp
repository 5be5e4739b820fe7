#include "daemon/metrics/process_collector.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace grayling {
namespace {

// Positions in /proc/PID/stat after the command's name, proc(5).
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;
constexpr size_t kThreads = 17;
constexpr size_t kStartTicks = 19;
constexpr size_t kVirtualBytes = 20;
constexpr size_t kResidentPages = 21;

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Families {
 public:
  void Add(const char* name, const char* help, double value, prometheus::MetricType type) {
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = type;
    prometheus::ClientMetric metric;
    if (type == prometheus::MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    family.metric.push_back(metric);
    families_.push_back(std::move(family));
  }
  void Gauge(const char* name, const char* help, double value) {
    Add(name, help, value, prometheus::MetricType::Gauge);
  }
  std::vector<prometheus::MetricFamily> Take() { return std::move(families_); }

 private:
  std::vector<prometheus::MetricFamily> families_;
};

// 0 when the kernel does not tell.
double BootTime() {
  std::istringstream stat(ReadAll("/proc/stat"));
  std::string word;
  while (stat >> word) {
    double seconds = 0;
    if (word == "btime" && stat >> seconds) return seconds;
  }
  return 0;
}

void AddFromStat(const std::string& stat, Families& families) {
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return;
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(name_end + 1), ' ', absl::SkipWhitespace());
  if (fields.size() <= kResidentPages) return;
  auto number = [&](size_t at) {
    double value = 0;
    return absl::SimpleAtod(fields[at], &value) ? value : 0;
  };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  families.Add("process_cpu_seconds_total", "User and system CPU time",
               (number(kUserTicks) + number(kSystemTicks)) / ticks,
               prometheus::MetricType::Counter);
  families.Gauge("process_threads", "Threads of the process", number(kThreads));
  families.Gauge("process_virtual_memory_bytes", "Virtual memory", number(kVirtualBytes));
  families.Gauge("process_resident_memory_bytes", "Resident memory",
                 number(kResidentPages) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  if (const double boot = BootTime(); boot > 0) {
    families.Gauge("process_start_time_seconds", "Start of the process, seconds since the epoch",
                   boot + number(kStartTicks) / ticks);
  }
}

void AddFileDescriptors(const std::string& proc, Families& families) {
  std::error_code error;
  const std::filesystem::directory_iterator open(proc + "/fd", error);
  if (!error) {
    families.Gauge("process_open_fds", "Open file descriptors",
                   static_cast<double>(std::distance(begin(open), end(open))));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.Gauge("process_max_fds", "Limit of open file descriptors",
                   static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessCollector::Collect() const {
  Families families;
  AddFromStat(ReadAll(proc_ + "/stat"), families);
  AddFileDescriptors(proc_, families);
  return families.Take();
}

}  // namespace grayling
