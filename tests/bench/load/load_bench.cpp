// load_bench serve                      answers on a free port, which it prints, until it is killed
// load_bench closed URL USERS SECONDS   no think time
// load_bench open URL RATE SECONDS      constant arrivals
//
// The last two print {"requests_per_second", "cpu_us_per_request", "late_percent", "p99_ms"}.

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "absl/time/clock.h"
#include "daemon/load/built_in_generator.h"
#include "tests/bench/load/fixed_answer_server.h"

namespace grayling {
namespace {

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int Measure(const LoadSettings& settings, absl::Duration length) {
  SystemClock clock;
  BuiltInGenerator generator(clock, nullptr);
  const double cpu_before = CpuSeconds();
  const absl::Time start = absl::Now();
  if (const absl::Status started = generator.Start(settings); !started.ok()) {
    std::fprintf(stderr, "load_bench: %s\n", std::string(started.message()).c_str());
    return 1;
  }
  absl::SleepFor(length);
  generator.Stop().IgnoreError();
  const double elapsed = absl::ToDoubleSeconds(absl::Now() - start);
  const double cpu = CpuSeconds() - cpu_before;
  const LoadStatistics statistics = generator.Statistics();
  const auto requests = static_cast<double>(statistics.requests);
  if (statistics.requests == 0 || statistics.errors > 0) {
    std::fprintf(stderr, "load_bench: %llu requests, %llu errors\n",
                 static_cast<unsigned long long>(statistics.requests),
                 static_cast<unsigned long long>(statistics.errors));
    return 1;
  }
  std::printf(
      "{\"requests_per_second\": %.0f, \"cpu_us_per_request\": %.1f, \"late_percent\": %.3f, "
      "\"p99_ms\": %.3f}\n",
      requests / elapsed, 1e6 * cpu / requests,
      100.0 * static_cast<double>(statistics.late) / static_cast<double>(statistics.offered),
      absl::ToDoubleMilliseconds(generator.Latencies().Quantile(0.99)));
  return 0;
}

int Serve() {
  const FixedAnswerServer server;
  std::printf("%u\n", server.port());
  std::fflush(stdout);
  while (true) pause();
}

LoadSettings SettingsFor(const std::string& model, const std::string& url, double number) {
  LoadSettings settings;
  settings.base_url = url;
  settings.own_mix.requests = {{"get", HttpMethod::kGet, "/items/1", "", 1, 200, ""}};
  settings.ramp_up = absl::ZeroDuration();
  if (model == "open") {
    settings.model = LoadModel::kOpen;
    settings.rate = number;
    settings.arrivals = ArrivalKind::kConstant;
    return settings;
  }
  settings.users = static_cast<uint32_t>(number);
  settings.think_time_mean = settings.think_time_deviation = absl::ZeroDuration();
  return settings;
}

}  // namespace
}  // namespace grayling

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "serve") return grayling::Serve();
  if (argc != 5) {
    std::fprintf(stderr, "load_bench: serve, or closed|open URL NUMBER SECONDS\n");
    return 2;
  }
  return grayling::Measure(grayling::SettingsFor(argv[1], argv[2], std::stod(argv[3])),
                           absl::Seconds(std::stod(argv[4])));
}
