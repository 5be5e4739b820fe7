#include "daemon/metrics/scraper.h"

#include <curl/curl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "daemon/metrics/target_scrape.h"

namespace grayling {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr int kLongestPollMs = 1000;

SteadyTime Now() { return std::chrono::steady_clock::now(); }

// The same offset each time, so that a restart does not shift the instants against each other.
std::chrono::nanoseconds StartOffset(const ScrapeTargetSettings& settings) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : settings.name) hash = (hash ^ static_cast<uint8_t>(c)) * 1099511628211u;
  const auto period = static_cast<uint64_t>(absl::ToInt64Nanoseconds(settings.period));
  return std::chrono::nanoseconds(hash % period);
}

int MillisUntil(SteadyTime due) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - Now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, kLongestPollMs));
}

bool InitialiseCurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  return code == CURLE_OK;
}

}  // namespace

struct Scraper::Running {
  Running(CURLM* multi_handle, SampleStore& store, const ScrapeTargetSettings& settings,
          uint64_t target_number)
      : multi(multi_handle),
        number(target_number),
        scrape(store, settings),
        period(absl::ToChronoNanoseconds(settings.period)),
        due(Now() + StartOffset(settings)) {}
  ~Running() {
    if (in_flight) curl_multi_remove_handle(multi, scrape.transfer().handle());
  }

  CURLM* const multi;
  const uint64_t number;
  TargetScrape scrape;
  const std::chrono::nanoseconds period;
  SteadyTime due;
  SteadyTime begun;
  bool in_flight = false;
};

void Scraper::FreeMulti::operator()(void* multi) const { curl_multi_cleanup(multi); }

Scraper::Scraper(SampleStore& store, std::vector<BatchListener*> listeners,
                 ScrapeObserver* observer)
    : store_(store),
      listeners_(std::move(listeners)),
      observer_(observer),
      multi_(InitialiseCurl() ? curl_multi_init() : nullptr) {}

Scraper::~Scraper() { Stop(); }

absl::Status Scraper::Add(const ScrapeTargetSettings& settings) {
  GRAYLING_RETURN_IF_ERROR(ValidateScrapeTarget(settings));
  {
    absl::MutexLock lock(&mutex_);
    Target target;
    target.status.settings = settings;
    target.number = last_number_ + 1;
    if (!targets_.emplace(settings.name, std::move(target)).second) {
      return absl::AlreadyExistsError(
          absl::StrCat(settings.name, " is scraped already; delete it first or choose another id"));
    }
    ++last_number_;
  }
  curl_multi_wakeup(multi_.get());
  return absl::OkStatus();
}

absl::Status Scraper::Remove(const std::string& name) {
  {
    absl::MutexLock lock(&mutex_);
    if (targets_.erase(name) == 0) {
      return absl::NotFoundError(absl::StrCat("there is no scrape target '", name,
                                              "'; list the scrape targets to see their names"));
    }
    if (observer_ != nullptr) observer_->OnTargetRemoved(name);
  }
  curl_multi_wakeup(multi_.get());
  return absl::OkStatus();
}

std::vector<ScrapeTargetStatus> Scraper::List() {
  absl::MutexLock lock(&mutex_);
  std::vector<ScrapeTargetStatus> list;
  for (const auto& [name, target] : targets_) list.push_back(target.status);
  return list;
}

absl::Status Scraper::Start() {
  if (multi_ == nullptr) return absl::InternalError("cannot set up libcurl for scraping");
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

void Scraper::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (multi_ != nullptr) curl_multi_wakeup(multi_.get());
  if (thread_.joinable()) thread_.join();
}

void Scraper::Loop() {
  RunningTargets running;
  while (TakeChanges(running)) {
    SteadyTime next = Now() + std::chrono::milliseconds(kLongestPollMs);
    for (auto& [name, target] : running) {
      if (!target->in_flight && target->due <= Now()) Begin(*target);
      if (!target->in_flight) next = std::min(next, target->due);
    }
    int in_flight = 0;
    curl_multi_perform(multi_.get(), &in_flight);
    FinishAnswered(running);
    curl_multi_poll(multi_.get(), nullptr, 0, MillisUntil(next), nullptr);
  }
}

bool Scraper::TakeChanges(RunningTargets& running) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  for (auto it = running.begin(); it != running.end();) {
    const auto wanted = targets_.find(it->first);
    const bool keep = wanted != targets_.end() && wanted->second.number == it->second->number;
    it = keep ? std::next(it) : running.erase(it);
  }
  if (running.size() == targets_.size()) return true;
  for (const auto& [name, target] : targets_) {
    auto& slot = running[name];
    if (slot == nullptr) {
      slot = std::make_unique<Running>(multi_.get(), store_, target.status.settings, target.number);
    }
  }
  return true;
}

void Scraper::Begin(Running& target) {
  target.begun = Now();
  target.scrape.Begin(absl::Now());
  // The next instant of the fixed grid that still lies ahead.
  target.due += target.period * ((target.begun - target.due) / target.period + 1);
  target.in_flight =
      curl_multi_add_handle(multi_.get(), target.scrape.transfer().handle()) == CURLM_OK;
  if (!target.in_flight) Finish(target, CURLE_FAILED_INIT);
}

void Scraper::FinishAnswered(RunningTargets& running) {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;
    for (auto& [name, target] : running) {
      if (target->scrape.transfer().handle() != handle) continue;
      curl_multi_remove_handle(multi_.get(), handle);
      target->in_flight = false;
      Finish(*target, code);
    }
  }
}

void Scraper::Finish(Running& target, int curl_code) {
  const absl::Duration took = absl::FromChrono(Now() - target.begun);
  const absl::Status read = target.scrape.Finish(curl_code, took);
  if (!IsWanted(target)) return;
  Store(target, read);
  Report(target);
}

void Scraper::Store(Running& target, absl::Status read) {
  const SampleBatch& batch = target.scrape.batch();
  const absl::Status stored = read.ok() ? store_.Append(batch) : std::move(read);
  LogStored(stored);
  if (!stored.ok()) {
    target.scrape.status().last_error = std::string(stored.message());
    TellLost(batch.series.size());
    return;
  }
  size_t dropped = 0;
  for (BatchListener* listener : listeners_) {
    listener->OnBatch(batch);
    dropped += listener->TakeDropped();
  }
  if (dropped > 0) TellLost(dropped);
}

void Scraper::LogStored(const absl::Status& stored) {
  if (stored.ok() && refused_) spdlog::info("scraped samples are recorded again");
  if (!stored.ok() && !refused_) {
    spdlog::warn("scraped samples are not recorded: {}", std::string(stored.message()));
  }
  refused_ = !stored.ok();
}

void Scraper::TellLost(size_t samples) {
  for (BatchListener* listener : listeners_) listener->OnLost(samples);
}

bool Scraper::IsWanted(const Running& target) {
  absl::MutexLock lock(&mutex_);
  const auto found = targets_.find(target.scrape.batch().target);
  return found != targets_.end() && found->second.number == target.number;
}

void Scraper::Report(Running& target) {
  const ScrapeTargetStatus& status = target.scrape.status();
  absl::MutexLock lock(&mutex_);
  const auto found = targets_.find(status.settings.name);
  if (found == targets_.end() || found->second.number != target.number) return;
  found->second.status = status;
  // Under the lock: so nobody hears of a target after it was removed.
  if (observer_ != nullptr) observer_->OnScrape(status);
}

}  // namespace grayling
