#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace grayling {

inline constexpr absl::Duration kShortestScrapePeriod = absl::Milliseconds(200);
inline constexpr absl::Duration kLongestScrapePeriod = absl::Hours(24);
// libcurl counts in whole milliseconds, and takes 0 for no limit.
inline constexpr absl::Duration kShortestScrapeTimeout = absl::Milliseconds(1);

struct ScrapeTargetSettings {
  std::string name;  // scrapeTargets/probe
  std::string url;   // http://127.0.0.1:9100/metrics
  absl::Duration period = absl::Seconds(1);
  absl::Duration timeout = absl::Seconds(1);  // at most the period
  std::map<std::string, std::string> labels;  // added to every series
};

struct ScrapeTargetStatus {
  ScrapeTargetSettings settings;
  bool up = false;
  // Empty, or one sentence: why the last scrape failed, was not stored, or lost lines.
  std::string last_error;
  absl::Time last_scrape = absl::InfinitePast();
  absl::Duration last_duration;
  size_t last_samples = 0;
  size_t last_malformed_lines = 0;
};

// Told how each scrape went and when a target is gone, one call at a time. Must return quickly and
// not call the scraper.
class ScrapeObserver {
 public:
  virtual ~ScrapeObserver() = default;
  virtual void OnScrape(const ScrapeTargetStatus& status) = 0;
  virtual void OnTargetRemoved(const std::string& name) = 0;
};

// INVALID_ARGUMENT with one sentence for: a name that is not scrapeTargets/<letters, digits, '.',
// '_',
// '-'>, a url that is not http(s) with a host, a period that is not within 200 ms to a day, a
// timeout that is not within 1 ms to the period, a label name that is none or is reserved. Pure.
absl::Status ValidateScrapeTarget(const ScrapeTargetSettings& settings);

}  // namespace grayling
