#pragma once

#include <array>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/scrape_target.h"
#include "daemon/metrics/scrape_transfer.h"
#include "daemon/metrics/series_cache.h"

namespace grayling {

// One target being scraped: its request, its cache and its reused batch. Not thread-safe.
class TargetScrape {
 public:
  TargetScrape(SampleStore& store, const ScrapeTargetSettings& settings);

  ScrapeTransfer& transfer() { return transfer_; }

  // `now` is the host's clock: the batch's time.
  void Begin(absl::Time now);
  // Reads the page into batch() and adds the three bookkeeping series; for a failed request they
  // stand alone. The status tells how it went. Errors are the store's.
  absl::Status Finish(int curl_code, absl::Duration took);

  const SampleBatch& batch() const { return batch_; }
  ScrapeTargetStatus& status() { return status_; }

 private:
  absl::Status ReadBody();
  absl::Status AddBookkeeping(absl::Duration took);

  SampleStore& store_;
  SeriesCache cache_;
  ScrapeTransfer transfer_;
  SampleBatch batch_;
  ScrapeTargetStatus status_;
  std::array<std::string, 3> bookkeeping_;  // canonical texts
};

}  // namespace grayling
