#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/metrics/sample_spool.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/spool_delivery.h"
#include "daemon/metrics/victoria_metrics_client.h"

namespace grayling {

struct VictoriaMetricsSampleStoreOptions {
  SampleSpoolOptions spool;
  SpoolDeliveryOptions delivery;
};

// Samples in VictoriaMetrics: remote write out, /api/v1/export in. The ids of the series, and what
// VictoriaMetrics has not answered for since a minute, are in a local spool: a batch that was taken
// survives the end of either program, and can be read at once though VictoriaMetrics shows it
// later. Its series are those that were interned here; what others write there is not seen.
//
// Where VictoriaMetrics keeps less than SampleStore promises (all of it seen in 1.79.5):
//   * It keeps about 12 significant decimal digits of a value, relative to the largest value of a
//     block of up to 8,192 samples of one series; -0 becomes 0.
//   * It drops every NaN but the stale marker.
//   * Of samples of one series and one instant that come in batches more than `settle` apart, an
//     arbitrary one is read.
// Read holds the asked samples of up to 100 series at once, and Scan those of one stretch of time.
// Both fail with UNAVAILABLE while VictoriaMetrics is away; Append goes on until the spool is full.
// Thread-safe.
class VictoriaMetricsSampleStore final : public SampleStore {
 public:
  // `path` is the spool's file. VictoriaMetrics need not run.
  static absl::StatusOr<std::unique_ptr<VictoriaMetricsSampleStore>> Open(
      const std::string& path, VictoriaMetricsAddress address,
      VictoriaMetricsSampleStoreOptions options = {});

  // INVALID_ARGUMENT for a series that VictoriaMetrics would cut: with more than 30 labels, its
  // name counted, or a value of more than 16 KiB.
  absl::StatusOr<SeriesId> Intern(absl::string_view series) override;
  absl::StatusOr<std::string> Text(SeriesId id) override { return spool_->Text(id); }
  absl::StatusOr<std::vector<std::string>> ListSeries() override { return spool_->ListSeries(); }
  // INVALID_ARGUMENT for an instant before 1970 or more than two days ahead: VictoriaMetrics would
  // drop it without a word. RESOURCE_EXHAUSTED when the spool or its disk is full.
  absl::Status Append(const SampleBatch& batch) override;
  // To the spool's disk.
  absl::Status Flush() override { return spool_->Flush(); }
  absl::Status Scan(absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(const SampleBatch&)> visit) override;
  absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector& selector) override {
    return spool_->Select(selector);
  }
  absl::Status Read(absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) override;
  // UNIMPLEMENTED: VictoriaMetrics' -retentionPeriod decides.
  absl::Status Expire(absl::Time before, absl::Span<const TimeRange> kept) override;
  StoreFigures Figures() override { return spool_->Figures(); }

  // Returns when VictoriaMetrics has answered for everything appended so far; see SpoolDelivery.
  absl::Status Deliver(absl::Time deadline);

 private:
  struct Sample {
    SeriesId series = 0;
    int64_t time_ms = 0;
    double value = 0;
  };

  VictoriaMetricsSampleStore(std::unique_ptr<SampleSpool> spool, VictoriaMetricsAddress address,
                             const VictoriaMetricsSampleStoreOptions& options);
  // Appends the samples of this store's series in [from_ms, to_ms). RESOURCE_EXHAUSTED when they
  // are more than `most`.
  absl::Status Export(const std::vector<std::string>& selectors, int64_t from_ms, int64_t to_ms,
                      size_t most, std::vector<Sample>& samples);
  absl::Status ReadSome(absl::Span<const SeriesId> ids, int64_t from_ms, int64_t to_ms,
                        absl::Span<const Sample> spooled,
                        absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit);
  absl::Status ScanStretch(int64_t from_ms, int64_t to_ms, std::vector<Sample>& samples);

  const std::unique_ptr<SampleSpool> spool_;
  VictoriaMetricsClient client_;
  SpoolDelivery delivery_;
};

}  // namespace grayling
