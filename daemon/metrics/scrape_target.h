#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/metrics/page_reader.h"
#include "daemon/metrics/relabel_rule.h"

namespace grayling {

inline constexpr absl::Duration kShortestScrapePeriod = absl::Milliseconds(200);
inline constexpr absl::Duration kLongestScrapePeriod = absl::Hours(24);
// libcurl counts in whole milliseconds, and takes 0 for no limit.
inline constexpr absl::Duration kShortestScrapeTimeout = absl::Milliseconds(1);

inline constexpr size_t kUsualLargestBody = size_t{16} << 20;
inline constexpr size_t kGreatestLargestBody = size_t{1} << 30;

// Who is asking. The secrets lie in files, which are read at each scrape; a blank at their end does
// not count.
struct ScrapeCredentials {
  std::string username;  // basic authentication, with password_file
  std::string password_file;
  std::string bearer_token_file;  // instead of the two above
};

// For https. Files are PEM.
struct ScrapeTls {
  std::string ca_file;      // whom to trust; empty: the system's authorities
  std::string cert_file;    // the daemon's own certificate, with key_file
  std::string key_file;     //
  std::string server_name;  // the name that the server's certificate must have; empty: the url's
  bool insecure = false;    // takes any certificate
};

enum class ScrapeDialect {
  kStandard,
  // gala-gopher: a read consumes what it holds, so nothing else may scrape its address.
  kGalaGopher,
};

struct ScrapeTargetSettings {
  std::string name;  // scrapeTargets/probe
  std::string url;   // http://127.0.0.1:9100/metrics
  absl::Duration period = absl::Seconds(1);
  absl::Duration timeout = absl::Seconds(1);  // at most the period
  std::map<std::string, std::string> labels;  // added to every series
  bool honor_labels = false;                  // see SeriesRewriter::Rules
  bool honor_timestamps = true;               // see PageRules
  bool track_timestamps_staleness = false;    // see PageRules
  size_t largest_body = kUsualLargestBody;    // bytes, after decompression
  ScrapeDialect dialect = ScrapeDialect::kStandard;
  std::string unix_socket;  // connects to this path instead of the url's host
  // The url's host and port are meant as seen from this host, which ssh reaches: [user@]name, or a
  // name of ssh's own configuration.
  std::string ssh_host;
  ScrapeCredentials credentials;
  ScrapeTls tls;
  std::vector<RelabelRule> relabel;  // applied in order
};

struct ScrapeTargetStatus {
  ScrapeTargetSettings settings;
  bool up = false;
  // Empty, or one sentence: why the last scrape failed, was not stored, or lost lines.
  std::string last_error;
  absl::Time last_scrape = absl::InfinitePast();
  absl::Duration last_duration;
  size_t last_samples = 0;                     // in the page
  size_t last_kept = 0;                        // of them: after relabelling
  size_t last_malformed_lines = 0;             // of the page
  std::vector<MalformedLine> first_malformed;  // the first of them
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
// '_', '-'>, a url that is not http(s) with a host or that holds a password, a period that is not
// within 200 ms to a day, a timeout that is not within 1 ms to the period, a label name that is
// none or is reserved, a body limit of 0 or above 1 GiB, credentials or a certificate with a half
// missing, a unix socket together with ssh, an ssh host that ssh would take for an option, a
// relabelling rule that cannot be used. Files are not looked at. Pure.
absl::Status ValidateScrapeTarget(const ScrapeTargetSettings& settings);

// Where the target's requests go in the end, in one spelling: two targets with the same text read
// the same server. `settings` are valid. Pure.
std::string EndpointOf(const ScrapeTargetSettings& settings);

}  // namespace grayling
