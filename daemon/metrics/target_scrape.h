#pragma once

#include <array>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/scrape_target.h"
#include "daemon/metrics/scrape_transfer.h"
#include "daemon/metrics/series_cache.h"
#include "daemon/metrics/ssh_forward.h"

namespace grayling {

// One target being scraped: its way there, its request, its cache and its reused batch. Not
// thread-safe.
class TargetScrape {
 public:
  // `settings` are valid. `ssh_program` is used for targets with an ssh host.
  TargetScrape(SampleStore& store, const ScrapeTargetSettings& settings,
               const std::string& ssh_program);

  ScrapeTransfer& transfer() { return transfer_; }

  // `now` is the host's clock: the batch's time. An error means that no request can be made; Finish
  // is to be called with it.
  absl::Status Begin(absl::Time now);
  // Reads the page into batch(), adds a stale marker for every series that is gone and the four
  // bookkeeping series; for a failed request, `begun` or `curl_code`, only the markers and these.
  // The status tells how it went. Errors are the store's.
  absl::Status Finish(const absl::Status& begun, int curl_code, absl::Duration took);
  // After the last scrape: replaces the batch by stale markers for all that was scraped and for the
  // bookkeeping. Errors are the store's.
  absl::Status End(absl::Time now);

  const SampleBatch& batch() const { return batch_; }
  ScrapeTargetStatus& status() { return status_; }

 private:
  void EmptyBatch(absl::Time now);
  absl::Status ReadBody();
  absl::Status AddBookkeeping(const std::array<double, 4>& values);

  SampleStore& store_;
  SeriesCache cache_;
  std::unique_ptr<SshForward> forward_;  // null without an ssh host
  ScrapeTransfer transfer_;
  PageRules rules_;
  SampleBatch batch_;
  ScrapeTargetStatus status_;
  std::array<std::string, 4> bookkeeping_;  // canonical texts
};

}  // namespace grayling
