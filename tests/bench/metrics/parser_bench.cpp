// How fast pages are read: the parser alone, and with the series cache and the batch as a scrape
// does it. The pages are the arguments.

#include <benchmark/benchmark.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/metrics/page_reader.h"
#include "tests/fuzz/id_store.h"

namespace grayling {
namespace {

struct Page {
  std::string text;
  ExpositionFormat format;
};

void Report(benchmark::State& state, const Page& page, size_t samples) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * page.text.size()));
  state.counters["ns_per_sample"] =
      benchmark::Counter(static_cast<double>(state.iterations() * samples) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Parse(benchmark::State& state, const Page& page) {
  size_t samples = 0;
  for (auto _ : state) {
    double sum = 0;
    samples =
        ParseExposition(
            page.text, page.format, [&](const ExpositionSample& sample) { sum += sample.value; },
            [](const ExpositionError&) {})
            .samples;
    benchmark::DoNotOptimize(sum);
  }
  Report(state, page, samples);
}

void Scrape(benchmark::State& state, const Page& page) {
  IdStore store;
  SeriesCache cache(store, SeriesRewriter());
  SampleBatch batch;
  PageRules rules;
  rules.format = page.format;
  // Each round is a new scrape: its stamps, if any, would else be those of the round before.
  rules.honor_timestamps = false;
  size_t samples = 0;
  for (auto _ : state) {
    batch.series.clear();
    batch.values.clear();
    samples = ReadPage(page.text, rules, cache, batch)->samples;
    benchmark::DoNotOptimize(batch.values.data());
  }
  Report(state, page, samples);
}

void Register(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const auto page = std::make_shared<const Page>(
      Page{text.str(), absl::StrContains(path, ".om.") ? ExpositionFormat::kOpenMetrics
                                                       : ExpositionFormat::kPrometheusText});
  const std::string name = path.substr(path.rfind('/') + 1);
  benchmark::RegisterBenchmark(absl::StrCat("parse/", name).c_str(),
                               [page](benchmark::State& state) { Parse(state, *page); });
  benchmark::RegisterBenchmark(absl::StrCat("scrape/", name).c_str(),
                               [page](benchmark::State& state) { Scrape(state, *page); });
}

}  // namespace
}  // namespace grayling

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc < 2) {
    std::cerr << "parser_bench: name the pages to read\n";
    return 2;
  }
  for (int i = 1; i < argc; ++i) grayling::Register(argv[i]);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
