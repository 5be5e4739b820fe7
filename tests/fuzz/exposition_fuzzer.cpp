// Pages of any bytes, two of them where a zero byte parts them. What the parser takes must become a
// canonical series that comes apart into the same series again. And a page that is read with the
// guesses and the memory of the page before must give what it gives to a reader that knows nothing.

#include <bit>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
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

class PageRun {
 public:
  explicit PageRun(const PageRules& rules) : rules_(rules) {}

  PageFigures Read(absl::string_view page) {
    batch_ = SampleBatch();
    batch_.time_ms = 1'700'000'000'000;
    const absl::StatusOr<PageFigures> figures = ReadPage(page, rules_, cache_, batch_);
    Check(figures.ok());
    Check(batch_.series.size() == batch_.values.size());
    Check(batch_.times_ms.empty() || batch_.times_ms.size() == batch_.series.size());
    Check(batch_.series.size() == figures->stored + figures->stale);
    return *figures;
  }
  // "series bits" of sample i.
  std::string Sample(size_t i) {
    return absl::StrCat(*store_.Text(batch_.series[i]), " ",
                        std::bit_cast<uint64_t>(batch_.values[i]));
  }

 private:
  const PageRules rules_;
  IdStore store_;
  SeriesCache cache_{store_, SeriesRewriter()};
  SampleBatch batch_;
};

void CheckMemory(absl::string_view first, absl::string_view second, const PageRules& rules) {
  PageRun knowing(rules);
  knowing.Read(first);
  const PageFigures with = knowing.Read(second);
  PageRun fresh(rules);
  const PageFigures without = fresh.Read(second);
  Check(with.samples == without.samples && with.malformed == without.malformed);
  if (rules.honor_timestamps) return;  // a sample with the stamp of the page before is left out
  Check(with.stored == without.stored);
  for (size_t i = 0; i < with.stored; ++i) Check(knowing.Sample(i) == fresh.Sample(i));
}

}  // namespace
}  // namespace grayling

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const absl::string_view first = input.substr(0, input.find('\0'));
  const absl::string_view second = first.size() < size ? input.substr(first.size() + 1) : first;
  grayling::PageRules rules;
  for (const auto format :
       {grayling::ExpositionFormat::kPrometheusText, grayling::ExpositionFormat::kOpenMetrics}) {
    rules.format = format;
    grayling::ParseExposition(first, format, &grayling::CheckSeries,
                              [](const grayling::ExpositionError&) {});
    for (const bool honor : {false, true}) {
      rules.honor_timestamps = rules.track_timestamps_staleness = honor;
      grayling::CheckMemory(first, second, rules);
    }
  }
  return 0;
}
