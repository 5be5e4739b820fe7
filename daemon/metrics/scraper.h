#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "daemon/metrics/sample_store.h"
#include "daemon/metrics/scrape_target.h"

namespace grayling {

// Scrapes every target at its own period: one thread and one libcurl multi handle for all. A
// target's instants are fixed when it is added (start + k * period on the steady clock, the start
// spread by the target's name); a scrape that outlasts its period costs the instants it covered,
// never a queue. Each scrape becomes one batch whose time is its start on the host's clock, with
// the page's samples and up, scrape_duration_seconds, scrape_samples_scraped,
// scrape_samples_post_metric_relabeling {target="...", and the target's labels}. A failed scrape
// writes these four alone, with up 0. A series that the page before had and this one has not, or
// whose target failed or was removed, ends with a stale marker. Thread-safe.
class Scraper {
 public:
  // `store`, the listeners and the observer (may be null) must outlive the scraper. Listeners hear
  // of batches that were stored, and how many samples were not. A refusal of the store is logged
  // once until it takes a batch again. `ssh_program` is run for targets with an ssh host.
  Scraper(SampleStore& store, std::vector<BatchListener*> listeners,
          ScrapeObserver* observer = nullptr, std::string ssh_program = "ssh");
  ~Scraper();

  // Targets can be added before and after Start. INVALID_ARGUMENT, ALREADY_EXISTS (also for a
  // second target at the address of one whose dialect is gala-gopher's, and the reverse).
  absl::Status Add(const ScrapeTargetSettings& settings) ABSL_LOCKS_EXCLUDED(mutex_);
  // No sample of the target is stored after this returns, unless a scrape is being stored right
  // now; the stale markers that end its series follow at once. NOT_FOUND.
  absl::Status Remove(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);
  // Sorted by name.
  std::vector<ScrapeTargetStatus> List() ABSL_LOCKS_EXCLUDED(mutex_);

  // Once each. INTERNAL when libcurl cannot be set up.
  absl::Status Start();
  // Drops scrapes in flight and joins the thread.
  void Stop();

 private:
  // A target as the callers see it. A name that is removed and added again has a new number.
  struct Target {
    ScrapeTargetStatus status;
    uint64_t number = 0;
  };
  // A target as the loop sees it.
  struct Running;
  struct Loop;  // what the scraping thread alone uses
  struct FreeMulti {
    void operator()(void* multi) const;
  };

  void Run();
  // Brings the loop up to date with what the callers want. False when it is time to stop.
  bool TakeChanges(Loop& loop) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status CheckEndpoint(const ScrapeTargetSettings& settings) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Begin(Running& target);
  void Finish(Running& target, const absl::Status& begun, int curl_code);
  // Ends the target's series.
  void End(Running& target);
  // `read`: how the page was read.
  absl::Status Store(const SampleBatch& batch, absl::Status read);
  void LogStored(const absl::Status& stored);
  void TellLost(size_t samples);
  bool IsWanted(const Running& target) ABSL_LOCKS_EXCLUDED(mutex_);
  void Report(Running& target) ABSL_LOCKS_EXCLUDED(mutex_);
  void FinishAnswered();

  SampleStore& store_;
  const std::vector<BatchListener*> listeners_;
  ScrapeObserver* const observer_;
  const std::string ssh_program_;
  const std::unique_ptr<void, FreeMulti> multi_;
  bool refused_ = false;  // of the loop

  absl::Mutex mutex_;
  std::map<std::string, Target> targets_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;  // targets_ since the loop last looked
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace grayling
