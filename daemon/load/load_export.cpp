#include "daemon/load/load_export.h"

#include <algorithm>

#include "daemon/load/latency_histogram.h"

namespace grayling {

bool LoadExport::WentBack(const Totals& before, const Totals& now) {
  return now.requests < before.requests || now.errors < before.errors ||
         now.latency_sum_s < before.latency_sum_s ||
         !std::equal(before.answers.begin(), before.answers.end(), now.answers.begin(),
                     [](uint64_t then, uint64_t since) { return then <= since; });
}

void LoadExport::Export() {
  const LoadStatistics now = load_.Statistics();
  exporter_.SetLoad({.requests_per_second = now.running ? now.requests_per_second : 0,
                     .p50_s = now.p50_ms / 1000,
                     .p95_s = now.p95_ms / 1000,
                     .p99_s = now.p99_ms / 1000,
                     .users = now.running ? load_.Settings().users : 0,
                     .running = now.running});

  const LatencyHistogram answers = load_.Latencies();
  const std::vector<double>& bounds = LoadFigures::LatencyBounds();
  Totals totals{now.requests,
                now.errors,
                absl::ToDoubleSeconds(answers.Mean()) * static_cast<double>(answers.count()),
                {}};
  for (const double bound : bounds)
    totals.answers.push_back(answers.CountUpTo(absl::Seconds(bound)));
  totals.answers.push_back(answers.count());
  if (seen_.answers.empty() || WentBack(seen_, totals)) {
    seen_ = {0, 0, 0, std::vector<uint64_t>(totals.answers.size(), 0)};
  }

  LoadFigures::Increment increment;
  increment.requests = totals.requests - seen_.requests;
  increment.errors = totals.errors - seen_.errors;
  increment.latency_sum_s = totals.latency_sum_s - seen_.latency_sum_s;
  uint64_t below = 0;
  for (size_t i = 0; i < totals.answers.size(); ++i) {
    const uint64_t up_to = totals.answers[i] - seen_.answers[i];
    increment.answers_by_latency.push_back(static_cast<double>(up_to - std::min(below, up_to)));
    below = std::max(below, up_to);
  }
  exporter_.AddLoad(increment);
  seen_ = std::move(totals);
}

}  // namespace grayling
