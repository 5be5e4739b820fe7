// Serves a real /metrics page that lives through a small campaign again and again: a window without
// a fault, then one with a fault that is detected. Prints its port; ends when its input is closed.
// exporter_page FOLDER SECONDS_PER_PHASE

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "daemon/metrics/daemon_exporter.h"
#include "daemon/metrics/sqlite_sample_store.h"

namespace grayling {
namespace {

const std::vector<std::string> kServices = {"api-gateway", "customers-service", "vets-service"};

struct Window {
  std::string phase;
  bool has_fault = false;
};

const std::vector<Window> kWindows = {{"warmup"},   {"before"},  {"during"}, {"after"},
                                      {"cooldown"}, {"warmup"},  {"before"}, {"during", true},
                                      {"after"},    {"cooldown"}};

void ShowScrapes(DaemonExporter& exporter, bool is_hurt) {
  for (const std::string& service : kServices) {
    ScrapeTargetStatus status;
    status.settings.name = "scrapeTargets/" + service;
    status.settings.labels = {{"service", service}};
    status.up = !is_hurt || service != kServices.back();
    status.last_duration = absl::Milliseconds(is_hurt ? 300 : 30);
    status.last_samples = status.up ? 250 : 0;
    status.last_malformed_lines = is_hurt ? 1 : 0;
    exporter.OnScrape(status);
  }
}

void ShowLoad(DaemonExporter& exporter, bool is_hurt) {
  const double slow = is_hurt ? 4 : 1;
  exporter.SetLoad({.requests_per_second = 40 / slow,
                    .p50_s = 0.02 * slow,
                    .p95_s = 0.06 * slow,
                    .p99_s = 0.09 * slow,
                    .users = 10,
                    .offered_requests_per_second = 40,
                    .running = true});
  LoadFigures::Increment increment;
  increment.requests = 20;
  increment.errors = is_hurt ? 3 : 0;
  increment.answers_by_latency.assign(LoadFigures::LatencyBounds().size() + 1, 0);
  increment.answers_by_latency[is_hurt ? 5 : 2] = 17;
  increment.latency_sum_s = 17 * 0.02 * slow;
  exporter.AddLoad(increment);
}

void Show(DaemonExporter& exporter, SampleStore& store, const Window& window, int64_t time_ms) {
  exporter.SetCampaignPhase(window.phase);
  std::vector<DaemonExporter::Fault> faults;
  if (window.has_fault) faults.push_back({"network.delay", "vets-service", 150, "campaigns/page"});
  exporter.SetFaults(faults);
  ShowScrapes(exporter, window.has_fault);
  ShowLoad(exporter, window.has_fault);
  exporter.SetDetector(
      {{kServices[0], 0.05}, {kServices[1], 0.1}, {kServices[2], window.has_fault ? 0.93 : 0.08}},
      window.has_fault);
  SampleBatch batch;
  batch.target = "load";
  batch.time_ms = time_ms;
  for (const std::string& service : kServices) {
    const auto id = store.Intern("page_value{service=\"" + service + "\"}");
    if (!id.ok()) continue;
    batch.series.push_back(*id);
    batch.values.push_back(std::sin(static_cast<double>(time_ms)));
  }
  if (store.Append(batch).ok()) exporter.OnBatch(batch);
  exporter.OnLost(window.has_fault ? 1 : 0);
}

bool InputIsClosed(std::chrono::milliseconds wait) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  char ignored = 0;
  return poll(&input, 1, static_cast<int>(wait.count())) > 0 &&
         read(STDIN_FILENO, &ignored, 1) <= 0;
}

int Main(const std::string& folder, double seconds_per_phase) {
  auto store = SqliteSampleStore::Open(folder + "/samples.sqlite");
  auto exporter = DaemonExporter::Open("127.0.0.1:0", "0.0.0");
  if (!store.ok() || !exporter.ok()) {
    std::cerr << store.status() << " " << exporter.status() << "\n";
    return 1;
  }
  (*exporter)->ShowStore(**store);
  std::cout << (*exporter)->port() << std::endl;
  constexpr std::chrono::milliseconds kTick(250);
  for (int64_t tick = 0;; ++tick) {
    const double seconds = static_cast<double>(tick) * 0.25;
    const auto window = static_cast<size_t>(seconds / seconds_per_phase) % kWindows.size();
    Show(**exporter, **store, kWindows[window], absl::ToUnixMillis(absl::Now()));
    if (InputIsClosed(kTick)) return 0;
  }
}

}  // namespace
}  // namespace grayling

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return grayling::Main(argv[1], std::atof(argv[2]));
}
