#include "daemon/metrics/victoria_metrics_sample_store.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "daemon/metrics/exported_series.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

constexpr absl::Duration kFarthestAhead = absl::Hours(47);  // VictoriaMetrics takes two days
constexpr size_t kMostLabels = 30;                          // -maxLabelsPerTimeseries
constexpr size_t kLongestValue = 16 << 10;                  // -maxLabelValueLen
constexpr size_t kSeriesPerExport = 100;
constexpr size_t kSamplesPerStretch = 2'000'000;
constexpr int64_t kFirstStretchMs = 60'000;

// The first whole millisecond that is not before `time`, within what VictoriaMetrics can have.
int64_t MillisOf(absl::Time time) {
  const absl::Time latest = absl::Now() + absl::Hours(49);
  const absl::Time clamped = std::clamp(time, absl::UnixEpoch(), latest);
  const int64_t ms = absl::ToUnixMillis(clamped);
  return absl::FromUnixMillis(ms) < clamped ? ms + 1 : ms;
}

void LogServer(VictoriaMetricsClient& client) {
  const std::string& url = client.address().write_url;
  if (!client.StartedAt().has_value()) {
    spdlog::warn("no VictoriaMetrics at {} yet; samples wait in the spool", url);
    return;
  }
  spdlog::info("samples go to VictoriaMetrics at {}, kept for -retentionPeriod={}", url,
               client.Flag("retentionPeriod").value_or("1 (months, its default)"));
  if (!client.Flag("search.latencyOffset").has_value()) {
    spdlog::info(
        "VictoriaMetrics hides the last 30 s from its own queries and from Grafana; start it with "
        "-search.latencyOffset=0s to see them. This daemon's queries see everything.");
  }
  if (const auto interval = client.Flag("dedup.minScrapeInterval")) {
    spdlog::warn("VictoriaMetrics keeps one sample per series and {} (-dedup.minScrapeInterval)",
                 *interval);
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<VictoriaMetricsSampleStore>> VictoriaMetricsSampleStore::Open(
    const std::string& path, VictoriaMetricsAddress address,
    VictoriaMetricsSampleStoreOptions options) {
  GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<SampleSpool> spool,
                            SampleSpool::Open(path, options.spool));
  std::unique_ptr<VictoriaMetricsSampleStore> store(
      new VictoriaMetricsSampleStore(std::move(spool), std::move(address), options));
  LogServer(store->client_);
  return store;
}

VictoriaMetricsSampleStore::VictoriaMetricsSampleStore(
    std::unique_ptr<SampleSpool> spool, VictoriaMetricsAddress address,
    const VictoriaMetricsSampleStoreOptions& options)
    : spool_(std::move(spool)),
      client_(std::move(address)),
      delivery_(*spool_, client_, options.delivery) {}

absl::StatusOr<SeriesId> VictoriaMetricsSampleStore::Intern(absl::string_view series) {
  if (const std::optional<SeriesId> id = spool_->Find(series)) return *id;
  GRAYLING_ASSIGN_OR_RETURN(const SeriesParts parts, PartsOf(series));
  if (parts.labels.size() + 1 > kMostLabels) {
    return absl::InvalidArgumentError(
        absl::StrCat("the series ", series, " has ", parts.labels.size(),
                     " labels, and VictoriaMetrics keeps 29; drop some by relabelling"));
  }
  for (const Label& label : parts.labels) {
    if (label.value.size() <= kLongestValue) continue;
    return absl::InvalidArgumentError(absl::StrCat("the label ", label.name, " of a series of ",
                                                   parts.name, " has ", label.value.size(),
                                                   " bytes, and VictoriaMetrics keeps 16384"));
  }
  return spool_->Intern(series);
}

absl::Status VictoriaMetricsSampleStore::Append(const SampleBatch& batch) {
  const int64_t latest = absl::ToUnixMillis(absl::Now() + kFarthestAhead);
  for (size_t i = 0; i < (batch.times_ms.empty() ? 1 : batch.times_ms.size()); ++i) {
    const int64_t time = batch.TimeOf(i);
    if (time >= 0 && time <= latest) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("a sample of ", batch.target, " is of ",
                     absl::FormatTime(absl::FromUnixMillis(time), absl::UTCTimeZone()),
                     "; VictoriaMetrics takes none before 1970 or more than two days ahead"));
  }
  return spool_->Append(batch);
}

absl::Status VictoriaMetricsSampleStore::Export(const std::vector<std::string>& selectors,
                                                int64_t from_ms, int64_t to_ms, size_t most,
                                                std::vector<Sample>& samples) {
  ExportedSeries exported;
  return client_.Export(selectors, std::max<int64_t>(0, from_ms - 1), to_ms,
                        [&](absl::string_view line) {
                          GRAYLING_RETURN_IF_ERROR(ReadExportedSeries(line, exported));
                          const std::optional<SeriesId> id = spool_->Find(exported.text);
                          if (!id.has_value()) return absl::OkStatus();
                          for (size_t i = 0; i < exported.times_ms.size(); ++i) {
                            if (exported.times_ms[i] < from_ms || exported.times_ms[i] >= to_ms)
                              continue;
                            samples.push_back({*id, exported.times_ms[i], exported.values[i]});
                          }
                          if (samples.size() <= most) return absl::OkStatus();
                          return absl::ResourceExhaustedError("too many samples for one stretch");
                        });
}

absl::Status VictoriaMetricsSampleStore::Read(
    absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) {
  const absl::flat_hash_set<SeriesId> wanted(series.begin(), series.end());
  for (const SeriesId id : wanted) GRAYLING_RETURN_IF_ERROR(spool_->Text(id).status());
  const int64_t from_ms = MillisOf(from);
  const int64_t to_ms = MillisOf(to);
  if (from_ms >= to_ms) return absl::OkStatus();
  // The spool first: what it forgets meanwhile has long been in VictoriaMetrics.
  std::vector<Sample> spooled;
  GRAYLING_RETURN_IF_ERROR(
      spool_->Visit(from_ms, to_ms, [&](SeriesId id, int64_t time, double value) {
        if (wanted.contains(id)) spooled.push_back({id, time, value});
      }));
  std::stable_sort(spooled.begin(), spooled.end(),
                   [](const Sample& a, const Sample& b) { return a.series < b.series; });
  for (size_t at = 0; at < series.size(); at += kSeriesPerExport) {
    GRAYLING_RETURN_IF_ERROR(
        ReadSome(series.subspan(at, kSeriesPerExport), from_ms, to_ms, spooled, visit));
  }
  return absl::OkStatus();
}

absl::Status VictoriaMetricsSampleStore::ReadSome(
    absl::Span<const SeriesId> ids, int64_t from_ms, int64_t to_ms,
    absl::Span<const Sample> spooled,
    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) {
  std::vector<std::string> selectors;
  for (const SeriesId id : ids) {
    GRAYLING_ASSIGN_OR_RETURN(const std::string text, spool_->Text(id));
    GRAYLING_ASSIGN_OR_RETURN(selectors.emplace_back(), ExportSelectorOf(text));
  }
  std::vector<Sample> samples;
  GRAYLING_RETURN_IF_ERROR(
      Export(selectors, from_ms, to_ms, std::numeric_limits<size_t>::max(), samples));
  const auto of_series = [](absl::Span<const Sample> all, SeriesId id) {
    const auto before = [](const Sample& a, const Sample& b) { return a.series < b.series; };
    const auto [begin, end] = std::equal_range(all.begin(), all.end(), Sample{id}, before);
    return std::pair(begin, end);
  };
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.series < b.series; });
  std::vector<Sample> merged;
  std::vector<int64_t> times_ms;
  std::vector<double> values;
  for (const SeriesId id : ids) {
    merged.clear();
    for (const absl::Span<const Sample> source : {absl::MakeConstSpan(samples), spooled}) {
      const auto [begin, end] = of_series(source, id);
      merged.insert(merged.end(), begin, end);
    }
    std::stable_sort(merged.begin(), merged.end(),
                     [](const Sample& a, const Sample& b) { return a.time_ms < b.time_ms; });
    times_ms.clear();
    values.clear();
    for (const Sample& sample : merged) {
      if (times_ms.empty() || times_ms.back() != sample.time_ms) {
        times_ms.push_back(sample.time_ms);
        values.push_back(sample.value);
      } else {
        values.back() = sample.value;
      }
    }
    if (!times_ms.empty()) GRAYLING_RETURN_IF_ERROR(visit(id, {times_ms, values}));
  }
  return absl::OkStatus();
}

absl::Status VictoriaMetricsSampleStore::ScanStretch(int64_t from_ms, int64_t to_ms,
                                                     std::vector<Sample>& samples) {
  std::vector<Sample> spooled;
  GRAYLING_RETURN_IF_ERROR(
      spool_->Visit(from_ms, to_ms, [&spooled](SeriesId id, int64_t time, double value) {
        spooled.push_back({id, time, value});
      }));
  samples.clear();
  const size_t most = to_ms - from_ms > 1 ? kSamplesPerStretch : std::numeric_limits<size_t>::max();
  GRAYLING_RETURN_IF_ERROR(Export({"{__name__!=\"\"}"}, from_ms, to_ms, most, samples));
  samples.insert(samples.end(), spooled.begin(), spooled.end());
  std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
    return a.time_ms != b.time_ms ? a.time_ms < b.time_ms : a.series < b.series;
  });
  return absl::OkStatus();
}

absl::Status VictoriaMetricsSampleStore::Scan(
    absl::Time from, absl::Time to, absl::FunctionRef<absl::Status(const SampleBatch&)> visit) {
  const int64_t end = MillisOf(to);
  int64_t at = MillisOf(from);
  int64_t length = kFirstStretchMs;
  std::vector<Sample> samples;
  SampleBatch batch;
  while (at < end) {
    const int64_t stretch_end = at + std::min(length, end - at);
    const absl::Status status = ScanStretch(at, stretch_end, samples);
    if (absl::IsResourceExhausted(status)) {
      length = std::max<int64_t>(1, (stretch_end - at) / 16);
      continue;
    }
    GRAYLING_RETURN_IF_ERROR(status);
    for (size_t i = 0; i < samples.size();) {
      batch.time_ms = samples[i].time_ms;
      batch.series.clear();
      batch.values.clear();
      for (; i < samples.size() && samples[i].time_ms == batch.time_ms; ++i) {
        if (!batch.series.empty() && batch.series.back() == samples[i].series) {
          batch.values.back() = samples[i].value;
          continue;
        }
        batch.series.push_back(samples[i].series);
        batch.values.push_back(samples[i].value);
      }
      GRAYLING_RETURN_IF_ERROR(visit(batch));
    }
    at = stretch_end;
    if (samples.size() < kSamplesPerStretch / 4) length *= 2;
  }
  return absl::OkStatus();
}

absl::Status VictoriaMetricsSampleStore::Expire(absl::Time /*before*/,
                                                absl::Span<const TimeRange> /*kept*/) {
  return absl::UnimplementedError(
      "VictoriaMetrics decides by its -retentionPeriod how long samples are kept");
}

absl::Status VictoriaMetricsSampleStore::Deliver(absl::Time deadline) {
  GRAYLING_RETURN_IF_ERROR(spool_->Flush());
  return delivery_.Deliver(deadline);
}

}  // namespace grayling
