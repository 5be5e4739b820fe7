// Pages of any bytes. What the parser takes must become a canonical series that comes apart into
// the same series again; and a page read through the cache's guesses must give what it gave
// without.

#include <bit>
#include <cstdlib>
#include <string>

#include "daemon/metrics/page_reader.h"
#include "daemon/metrics/series_rewriter.h"
#include "daemon/metrics/series_text.h"
#include "tests/fuzz/id_store.h"

namespace grayling {
namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

void CheckSeries(const ExpositionSample& sample) {
  const auto text = SeriesRewriter().Rewrite(sample.name, sample.labels);
  if (!text.ok()) return;  // a label given twice
  const absl::StatusOr<SeriesParts> parts = PartsOf(**text);
  Check(parts.ok());
  std::map<std::string, std::string> labels;
  for (const Label& label : parts->labels) labels[label.name] = label.value;
  Check(SeriesText(parts->name, labels) == **text);
}

// What a page without stamps of its own becomes.
SampleBatch Read(absl::string_view page, ExpositionFormat format, SeriesCache& cache) {
  SampleBatch batch;
  PageRules rules;
  rules.format = format;
  rules.honor_timestamps = false;
  Check(ReadPage(page, rules, cache, batch).ok());
  return batch;
}

void CheckGuesses(absl::string_view page, ExpositionFormat format) {
  IdStore store;
  SeriesCache cache(store, SeriesRewriter());
  const SampleBatch first = Read(page, format, cache);
  const SampleBatch second = Read(page, format, cache);
  Check(first.series == second.series && first.values.size() == second.values.size());
  for (size_t i = 0; i < first.values.size(); ++i) {
    Check(std::bit_cast<uint64_t>(first.values[i]) == std::bit_cast<uint64_t>(second.values[i]));
  }
}

}  // namespace
}  // namespace grayling

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view page(reinterpret_cast<const char*>(data), size);
  for (const grayling::ExpositionFormat format :
       {grayling::ExpositionFormat::kPrometheusText, grayling::ExpositionFormat::kOpenMetrics}) {
    grayling::ParseExposition(
        page, format, [](const grayling::ExpositionSample& s) { grayling::CheckSeries(s); },
        [](const grayling::ExpositionError&) {});
    grayling::CheckGuesses(page, format);
  }
  return 0;
}
