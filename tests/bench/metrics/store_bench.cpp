// The embedded sample store: what a sample costs to keep, to find and to read.
// The stream: TARGETS scrapes of node_exporter's own test page (3,000 series), every 15 s. Half of
// the series stay, the others walk at random: counters grow by whole numbers, gauges move by up to
// 1 % in the digits that the page shows.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "daemon/metrics/sample_file.h"
#include "daemon/metrics/sqlite_sample_store.h"
#include "daemon/store/database.h"

namespace grayling {
namespace {

constexpr int64_t kStartMs = 1'700'000'000'000;
constexpr int64_t kStepMs = 15'000;

struct WalkingSeries {
  std::string text;
  double value = 0;
  double digit = 1;  // the last one shown
  bool counter = false;
  bool constant = false;
};

std::vector<WalkingSeries> ReadPage() {
  const char* data = std::getenv("GRAYLING_DATA");
  std::ifstream file(absl::StrCat(data == nullptr ? "../shared/data" : data,
                                  "/exposition/node_exporter/e2e-output.txt"));
  std::vector<WalkingSeries> page;
  int n = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t blank = line.rfind(' ');
    WalkingSeries series;
    series.text = line.substr(0, blank);
    const std::string number = line.substr(blank + 1);
    if (!absl::SimpleAtod(number, &series.value)) continue;
    const size_t dot = number.find('.');
    if (dot != std::string::npos && number.find('e') == std::string::npos) {
      series.digit = std::pow(10.0, -static_cast<double>(number.size() - dot - 1));
    }
    series.counter = absl::StrContains(series.text, "_total");
    series.constant = n++ % 2 == 0;
    page.push_back(series);
  }
  return page;
}

// The folder of a bench, removed at the end.
struct Folder {
  Folder() {
    const char* base = std::getenv("GRAYLING_BENCH_FOLDER");
    path = absl::StrCat(base == nullptr ? "/var/tmp" : base, "/grayling-bench-XXXXXX");
    if (mkdtemp(path.data()) == nullptr) std::abort();
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

class Stream {
 public:
  Stream(SampleStore& store, int targets) {
    const std::vector<WalkingSeries> page = ReadPage();
    for (int target = 0; target < targets; ++target) {
      for (WalkingSeries series : page) {
        const bool bare = series.text.back() != '}';
        if (!bare) series.text.pop_back();
        absl::StrAppend(&series.text, bare ? "{" : ",", "instance=\"", target, "\"}");
        ids_.push_back(*store.Intern(series.text));
        series_.push_back(std::move(series));
      }
    }
    per_target_ = page.size();
  }

  size_t samples_per_step() const { return series_.size(); }
  SeriesId id(size_t i) const { return ids_[i]; }

  absl::Status Step(SampleStore& store) {
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (size_t begin = 0; begin < series_.size(); begin += per_target_) {
      batch_.target = absl::StrCat("scrapeTargets/", begin / per_target_);
      batch_.time_ms = kStartMs + step_ * kStepMs + static_cast<int64_t>(random_() % 5);
      batch_.series.assign(ids_.begin() + static_cast<std::ptrdiff_t>(begin),
                           ids_.begin() + static_cast<std::ptrdiff_t>(begin + per_target_));
      batch_.values.clear();
      for (size_t i = begin; i < begin + per_target_; ++i) {
        WalkingSeries& series = series_[i];
        if (series.counter && !series.constant) {
          series.value += std::floor(std::abs(uniform(random_)) * 100) * series.digit;
        } else if (!series.constant) {
          series.value += uniform(random_) * std::max(std::abs(series.value) * 0.01, series.digit);
          series.value = std::nearbyint(series.value / series.digit) * series.digit;
          if (series.digit < 1) {  // the nearest double of the decimal, as a parser gives it
            const double scale = std::nearbyint(1 / series.digit);
            series.value = std::nearbyint(series.value * scale) / scale;
          }
        }
        batch_.values.push_back(series.value);
      }
      if (absl::Status status = store.Append(batch_); !status.ok()) return status;
    }
    ++step_;
    return absl::OkStatus();
  }

 private:
  std::mt19937_64 random_{7};
  std::vector<WalkingSeries> series_;
  std::vector<SeriesId> ids_;
  size_t per_target_ = 0;
  SampleBatch batch_;
  int64_t step_ = 0;
};

std::unique_ptr<SqliteSampleStore> OpenIn(const Folder& folder) {
  SqliteSampleStoreOptions options;
  options.transpose_interval = absl::InfiniteDuration();
  auto store = SqliteSampleStore::Open(folder.path + "/samples.db", std::move(options));
  return store.ok() ? *std::move(store) : nullptr;
}

void Fail(benchmark::State& state, const absl::Status& status) {
  if (!status.ok()) state.SkipWithError(std::string(status.message()).c_str());
}

// Append and durable commit; the making of the stream is not counted.
void BM_DurableIngest(benchmark::State& state) {
  const Folder folder;
  const auto store = OpenIn(folder);
  SampleBatch batch{"t", kStartMs, {}, {}};
  for (int i = 0; i < 1000; ++i) {
    batch.series.push_back(*store->Intern(absl::StrCat("s", i)));
    batch.values.push_back(i % 2 == 0 ? 1000.0 * i : 0.37 * i);
  }
  for (auto _ : state) {
    for (int scrape = 0; scrape < 100; ++scrape) {
      batch.time_ms += 10;
      for (size_t i = 0; i < batch.values.size(); i += 3) batch.values[i] += 1.25;
      Fail(state, store->Append(batch));
    }
    Fail(state, store->Flush());
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
}
BENCHMARK(BM_DurableIngest)->Unit(benchmark::kMillisecond)->UseRealTime()->MeasureProcessCPUTime();

struct Filled {
  Folder folder;
  std::unique_ptr<SqliteSampleStore> store = OpenIn(folder);
  Stream stream{*store, 4};
  double row_bytes = 0;
  int64_t samples = 0;

  Filled() {
    for (int step = 0; step < 240; ++step) {
      if (!stream.Step(*store).ok()) std::abort();
      samples += static_cast<int64_t>(stream.samples_per_step());
    }
  }
};

double Ask(const std::string& path, const char* sql) {
  double answer = 0;
  const auto file = SampleFile::OpenReader(path);
  if (!file.ok()) return 0;
  Statement(file->db(), sql)
      .Execute([&answer](const Statement& row) { answer = row.Real(0); })
      .IgnoreError();
  return answer;
}

uint64_t BytesOfFile(const Folder& folder) {
  return std::filesystem::file_size(folder.path + "/samples.db");
}

void BM_Transpose(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto filled = std::make_unique<Filled>();
    Fail(state, filled->store->Flush());
    filled->row_bytes =
        Ask(filled->folder.path + "/samples.db", "SELECT sum(length(blob)) FROM recent");
    state.ResumeTiming();
    Fail(state, filled->store->TransposeAll());
    state.PauseTiming();
    state.counters["samples"] = static_cast<double>(filled->samples);
    const std::string path = filled->folder.path + "/samples.db";
    const auto samples = static_cast<double>(filled->samples);
    state.counters["blob B/sample"] = Ask(path, "SELECT sum(length(blob)) FROM chunks") / samples;
    state.counters["row B/sample"] = filled->row_bytes / samples;
    state.counters["file B/sample"] =
        (Ask(path, "PRAGMA page_count") - Ask(path, "PRAGMA freelist_count")) * 4096 / samples;
    filled.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_Transpose)->Unit(benchmark::kMillisecond)->Iterations(1);

void BM_Read(benchmark::State& state) {
  Filled filled;
  Fail(state, filled.store->Flush());
  Fail(state, filled.store->TransposeAll());
  std::vector<SeriesId> ids;
  for (int i = 0; i < state.range(0); ++i) ids.push_back(filled.stream.id(static_cast<size_t>(i)));
  int64_t samples = 0;
  for (auto _ : state) {
    Fail(state, filled.store->Read(ids, absl::InfinitePast(), absl::InfiniteFuture(),
                                   [&samples](SeriesId, const SeriesSamples& found) {
                                     samples += static_cast<int64_t>(found.values.size());
                                     return absl::OkStatus();
                                   }));
  }
  state.SetItemsProcessed(samples);
}
BENCHMARK(BM_Read)->Arg(1)->Arg(64)->Arg(3000)->Unit(benchmark::kMicrosecond);

void BM_Scan(benchmark::State& state) {
  Filled filled;
  Fail(state, filled.store->Flush());
  if (state.range(0) == 1) Fail(state, filled.store->TransposeAll());
  int64_t samples = 0;
  for (auto _ : state) {
    Fail(state, filled.store->Scan(absl::InfinitePast(), absl::InfiniteFuture(),
                                   [&samples](const SampleBatch& batch) {
                                     samples += static_cast<int64_t>(batch.values.size());
                                     return absl::OkStatus();
                                   }));
  }
  state.SetItemsProcessed(samples);
}
BENCHMARK(BM_Scan)->ArgName("chunks")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// A million series: interned and committed, found by matchers, loaded at start.
void BM_MillionSeries(benchmark::State& state) {
  const Folder folder;
  auto store = OpenIn(folder);
  for (auto _ : state) {
    const absl::Time begin = absl::Now();
    for (int i = 0; i < 1'000'000; ++i) {
      const auto id = store->Intern(absl::StrCat("node_network_receive_bytes_", i % 1000,
                                                 "{device=\"eth", i % 7, "\",instance=\"host-",
                                                 i / 1000, ":9100\",job=\"node\"}"));
      if (!id.ok()) Fail(state, id.status());
    }
    Fail(state, store->Flush());
    const absl::Time interned = absl::Now();
    store.reset();
    store = OpenIn(folder);
    const absl::Time loaded = absl::Now();
    const size_t by_name =
        store->Select(*SeriesSelector::Parse("node_network_receive_bytes_7"))->size();
    const absl::Time named = absl::Now();
    const size_t by_label =
        store->Select(*SeriesSelector::Parse("{instance=\"host-7:9100\"}"))->size();
    const absl::Time labelled = absl::Now();
    const size_t by_regex =
        store->Select(*SeriesSelector::Parse("{instance=~\"host-7.:9100\"}"))->size();
    const absl::Time matched = absl::Now();
    if (by_name != 1000 || by_label != 1000 || by_regex != 10'000) {
      state.SkipWithError("a selector took the wrong series");
    }
    state.counters["intern s"] = absl::ToDoubleSeconds(interned - begin);
    state.counters["load s"] = absl::ToDoubleSeconds(loaded - interned);
    state.counters["by name ms"] = absl::ToDoubleMilliseconds(named - loaded);
    state.counters["by label ms"] = absl::ToDoubleMilliseconds(labelled - named);
    state.counters["by regex ms"] = absl::ToDoubleMilliseconds(matched - labelled);
    state.counters["file MB"] = static_cast<double>(BytesOfFile(folder)) / 1e6;
  }
}
BENCHMARK(BM_MillionSeries)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace grayling

BENCHMARK_MAIN();
