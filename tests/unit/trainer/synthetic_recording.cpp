#include "tests/unit/trainer/synthetic_recording.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace grayling {
namespace {

constexpr int kWindowSeconds = 12;
constexpr int kGapSeconds = 11;
constexpr int kLeadSeconds = 20;
const std::vector<std::string> kServices = {"api-gateway", "customers-service", "visits-service",
                                            "vets-service"};
const std::vector<std::string> kKinds = {"cpu", "delay", "loss", "disk"};

struct Metric {
  std::string name;
  double level, spread, load_share;
  bool sparse;
  // Shift per fault kind in units of the settings' strength.
  double shift[4];
};

const std::vector<Metric> kOwn = {
    {"cpu_seconds_rate", 0.3, 0.03, 0.8, false, {0.4, 0, 0, 0}},
    {"cpu_throttled_seconds_rate", 0, 0.01, 0, true, {1, 0, 0, 0}},
    {"cpu_pressure_seconds_rate", 0.02, 0.006, 0.3, false, {1, 0, 0, 0}},
    {"memory_bytes", 2e8, 2e6, 0.1, false, {0, 0, 0, 0}},
    {"io_pressure_seconds_rate", 0.001, 0.001, 0, true, {0, 0, 0, 1}},
    {"block_latency_seconds_mean", 0.004, 0.001, 0.2, false, {0, 0, 0, 1}},
    {"tcp_srtt_seconds", 0.002, 0.0004, 0.1, false, {0, 1, 0.3, 0}},
    {"tcp_retransmits_rate", 0, 0.5, 0, true, {0, 0, 1, 0}},
    {"network_receive_bytes_rate", 4e4, 3e3, 0.9, false, {0, 0, -0.3, 0}},
    {"request_duration_seconds_mean", 0.01, 0.002, 0.5, false, {0.7, 0, 0.2, 0.6}},
    {"requests_rate", 30, 3, 0.9, false, {-0.2, -0.2, -0.3, -0.2}},
};
const std::vector<Metric> kEdge = {
    {"request_duration_seconds_mean", 0.013, 0.002, 0.5, false, {0.7, 1, 0.5, 0.6}},
    {"errors_rate", 0, 0.2, 0, true, {0, 0, 0.2, 0}},
};

// Noise with memory plus white noise, unit variance.
class Noise {
 public:
  double Next(std::mt19937_64& random) {
    slow_ = 0.9 * slow_ + std::sqrt(1 - 0.81) * normal_(random);
    return 0.5 * slow_ + 0.85 * normal_(random);
  }

 private:
  double slow_ = 0;
  std::normal_distribution<double> normal_;
};

struct Column {
  const Metric* metric = nullptr;
  std::string service;  // whose faults move it; empty: everyone's, weakly
  double strength = 1;
  Noise noise;
};

double Sample(Column& column, double load, const LabelWindow* window, double age,
              const SyntheticSettings& settings, std::mt19937_64& random) {
  const Metric& metric = *column.metric;
  std::uniform_real_distribution<double> uniform;
  double shift = 0;
  if (window != nullptr) {
    size_t kind = 0;
    while (kKinds[kind] != window->label) ++kind;
    double reach = column.service == window->service ? 1.0 : 0.0;
    if (column.service == "api-gateway" || column.service.empty()) reach = 0.3;
    shift = metric.shift[kind] * reach * settings.strength * column.strength *
            std::min(1.0, (age + 1) / 2);
  }
  if (metric.sparse) {
    const double rate = 0.03 + (shift > 0 ? 0.25 * shift : 0);
    return uniform(random) < rate ? metric.spread * (1 + 2 * uniform(random)) : 0;
  }
  double noise = column.noise.Next(random);
  if (uniform(random) < 0.01) noise *= 4;  // heavy tail
  return std::max(0.0,
                  metric.level + metric.spread * (noise + shift + 2 * metric.load_share * load));
}

}  // namespace

Dataset SyntheticRecording(const SyntheticSettings& settings) {
  std::mt19937_64 random(settings.seed);
  Dataset dataset;
  dataset.name = "synthetic";
  std::vector<Column> columns;
  const auto add = [&](const std::string& name, const Metric& metric, const std::string& service,
                       double strength) {
    dataset.columns.push_back(name);
    columns.push_back({&metric, service, strength, {}});
  };
  std::uniform_real_distribution<double> spread(0.7, 1.3);
  for (const std::string& service : kServices) {
    for (const Metric& metric : kOwn)
      add(service + "/" + metric.name, metric, service, spread(random));
    if (service == kServices[0]) continue;
    dataset.edges.emplace_back(kServices[0], service);
    for (const Metric& metric : kEdge) {
      add(kServices[0] + ">" + service + "/" + metric.name, metric, service, spread(random));
    }
  }
  add("client_latency_seconds{quantile=0.99}", kEdge[0], "", 1);
  add("client_requests_rate", kOwn[10], "", 1);

  double time = 1.7e9;
  double load = 0;
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  for (int g = 0; g < settings.groups; ++g) {
    Run run;
    run.group = run.id = "r" + std::to_string(g + 1);
    run.split = g + 1 == settings.groups ? "test" : "train";
    double start = time + kLeadSeconds;
    std::vector<LabelWindow> windows;
    for (const std::string& kind : kKinds) {
      for (size_t s = 1; s < kServices.size(); ++s) {
        windows.push_back({0, 0, kind, kServices[s], run.group, 1.0});
      }
    }
    std::shuffle(windows.begin(), windows.end(), random);
    for (LabelWindow& window : windows) {
      window.start = start + 0.4;
      window.end = window.start + kWindowSeconds;
      start += kWindowSeconds + kGapSeconds;
    }
    run.windows = windows;
    const auto rows = static_cast<Eigen::Index>(start - time);
    run.values.resize(rows, static_cast<Eigen::Index>(columns.size()));
    for (Eigen::Index r = 0; r < rows; ++r, time += 1) {
      load = 0.98 * load + 0.12 * normal(random);
      run.time.push_back(time);
      const LabelWindow* active = nullptr;
      for (const LabelWindow& window : windows) {
        if (time >= window.start && time < window.end) active = &window;
      }
      for (size_t c = 0; c < columns.size(); ++c) {
        const double value = Sample(columns[c], load, active,
                                    active == nullptr ? 0 : time - active->start, settings, random);
        run.values(r, static_cast<Eigen::Index>(c)) = uniform(random) < settings.missing
                                                          ? std::numeric_limits<float>::quiet_NaN()
                                                          : static_cast<float>(value);
      }
    }
    dataset.runs.push_back(std::move(run));
  }
  return dataset;
}

}  // namespace grayling
