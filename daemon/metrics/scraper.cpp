#include "daemon/metrics/scraper.h"

#include <curl/curl.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

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

// Every target keeps its connection, as far as half of the files that may be open suffice.
long KeptConnections(size_t targets) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  return static_cast<long>(
      std::clamp<uint64_t>(targets, 1, std::max<uint64_t>(files.rlim_cur / 2, 1)));
}

bool InitialiseCurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  return code == CURLE_OK;
}

}  // namespace

struct Scraper::Running {
  Running(CURLM* multi_handle, SampleStore& store, const ScrapeTargetSettings& settings,
          uint64_t target_number, const std::string& ssh_program)
      : multi(multi_handle),
        number(target_number),
        scrape(store, settings, ssh_program),
        period(absl::ToChronoNanoseconds(settings.period)),
        due(Now() + StartOffset(settings)) {
    curl_easy_setopt(scrape.transfer().handle(), CURLOPT_PRIVATE, this);
  }
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

struct Scraper::Loop {
  // The earliest first; of equals the one entered first.
  std::multimap<SteadyTime, Running*> due;
  std::map<std::string, std::unique_ptr<Running>> running;

  void Enter(Running& target) { due.emplace(target.due, &target); }
  void Leave(Running& target) {
    const auto [begin, end] = due.equal_range(target.due);
    for (auto it = begin; it != end; ++it) {
      if (it->second != &target) continue;
      due.erase(it);
      return;
    }
  }
};

void Scraper::FreeMulti::operator()(void* multi) const { curl_multi_cleanup(multi); }

Scraper::Scraper(SampleStore& store, std::vector<BatchListener*> listeners,
                 ScrapeObserver* observer, std::string ssh_program)
    : store_(store),
      listeners_(std::move(listeners)),
      observer_(observer),
      ssh_program_(std::move(ssh_program)),
      multi_(InitialiseCurl() ? curl_multi_init() : nullptr) {}

Scraper::~Scraper() { Stop(); }

absl::Status Scraper::Add(const ScrapeTargetSettings& settings) {
  GRAYLING_RETURN_IF_ERROR(ValidateScrapeTarget(settings));
  {
    absl::MutexLock lock(&mutex_);
    if (!targets_.contains(settings.name)) GRAYLING_RETURN_IF_ERROR(CheckEndpoint(settings));
    Target target;
    target.status.settings = settings;
    target.number = last_number_ + 1;
    if (!targets_.emplace(settings.name, std::move(target)).second) {
      return absl::AlreadyExistsError(
          absl::StrCat(settings.name, " is scraped already; delete it first or choose another id"));
    }
    ++last_number_;
    changed_ = true;
  }
  curl_multi_wakeup(multi_.get());
  return absl::OkStatus();
}

absl::Status Scraper::CheckEndpoint(const ScrapeTargetSettings& settings) const {
  const std::string endpoint = EndpointOf(settings);
  for (const auto& [name, target] : targets_) {
    const ScrapeTargetSettings& other = target.status.settings;
    if (settings.dialect != ScrapeDialect::kGalaGopher &&
        other.dialect != ScrapeDialect::kGalaGopher) {
      continue;
    }
    if (EndpointOf(other) != endpoint) continue;
    return absl::AlreadyExistsError(
        absl::StrCat(endpoint, " is scraped already, by ", name,
                     ": a read of gala-gopher takes its samples away from every other reader; "
                     "delete that target first"));
  }
  return absl::OkStatus();
}

absl::Status Scraper::Remove(const std::string& name) {
  {
    absl::MutexLock lock(&mutex_);
    if (targets_.erase(name) == 0) {
      return absl::NotFoundError(absl::StrCat("there is no scrape target '", name,
                                              "'; list the scrape targets to see their names"));
    }
    changed_ = true;
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
  thread_ = std::thread([this] { Run(); });
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

void Scraper::Run() {
  Loop loop;
  while (TakeChanges(loop)) {
    while (!loop.due.empty() && loop.due.begin()->first <= Now()) {
      Running& target = *loop.due.begin()->second;
      loop.due.erase(loop.due.begin());
      // The next instant of the fixed grid that still lies ahead.
      target.due += target.period * ((Now() - target.due) / target.period + 1);
      loop.Enter(target);
      if (!target.in_flight) Begin(target);
    }
    int in_flight = 0;
    curl_multi_perform(multi_.get(), &in_flight);
    FinishAnswered();
    const int wait = loop.due.empty() ? kLongestPollMs : MillisUntil(loop.due.begin()->first);
    curl_multi_poll(multi_.get(), nullptr, 0, wait, nullptr);
  }
}

bool Scraper::TakeChanges(Loop& loop) {
  std::vector<std::unique_ptr<Running>> gone;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return false;
    if (!std::exchange(changed_, false)) return true;
    for (auto it = loop.running.begin(); it != loop.running.end();) {
      const auto wanted = targets_.find(it->first);
      if (wanted != targets_.end() && wanted->second.number == it->second->number) {
        ++it;
        continue;
      }
      loop.Leave(*it->second);
      gone.push_back(std::move(it->second));
      it = loop.running.erase(it);
    }
    for (const auto& [name, target] : targets_) {
      auto& slot = loop.running[name];
      if (slot != nullptr) continue;
      slot = std::make_unique<Running>(multi_.get(), store_, target.status.settings, target.number,
                                       ssh_program_);
      loop.Enter(*slot);
    }
  }
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, KeptConnections(loop.running.size()));
  for (const auto& target : gone) End(*target);
  return true;
}

void Scraper::Begin(Running& target) {
  target.begun = Now();
  const absl::Status begun = target.scrape.Begin(absl::Now());
  target.in_flight = begun.ok() && curl_multi_add_handle(
                                       multi_.get(), target.scrape.transfer().handle()) == CURLM_OK;
  if (!target.in_flight) Finish(target, begun, CURLE_FAILED_INIT);
}

void Scraper::FinishAnswered() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const handle = message->easy_handle;
    const CURLcode code = message->data.result;
    Running* target = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &target);
    curl_multi_remove_handle(multi_.get(), handle);
    target->in_flight = false;
    Finish(*target, absl::OkStatus(), code);
  }
}

void Scraper::Finish(Running& target, const absl::Status& begun, int curl_code) {
  const absl::Duration took = absl::FromChrono(Now() - target.begun);
  const absl::Status read = target.scrape.Finish(begun, curl_code, took);
  if (!IsWanted(target)) return;
  const absl::Status stored = Store(target.scrape.batch(), read);
  if (!stored.ok()) target.scrape.status().last_error = std::string(stored.message());
  Report(target);
}

void Scraper::End(Running& target) {
  const absl::Status read = target.scrape.End(absl::Now());
  if (!target.scrape.batch().series.empty()) Store(target.scrape.batch(), read).IgnoreError();
}

absl::Status Scraper::Store(const SampleBatch& batch, absl::Status read) {
  const absl::Status stored = read.ok() ? store_.Append(batch) : std::move(read);
  LogStored(stored);
  if (!stored.ok()) {
    TellLost(batch.series.size());
    return stored;
  }
  size_t dropped = 0;
  for (BatchListener* listener : listeners_) {
    listener->OnBatch(batch);
    dropped += listener->TakeDropped();
  }
  if (dropped > 0) TellLost(dropped);
  return stored;
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
