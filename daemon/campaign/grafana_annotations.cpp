#include "daemon/campaign/grafana_annotations.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/fault_shape.h"

namespace grayling {
namespace {

constexpr size_t kMostWaiting = 1000;
constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Minutes(1);
constexpr absl::Duration kTriedFor = absl::Hours(1);
constexpr absl::Duration kLastTries = absl::Seconds(5);

std::string TagOf(const std::string& fault) { return absl::StrCat("fault:", fault); }

std::string TextOf(const FaultRecord& fault) {
  std::string text =
      absl::StrCat(fault.kind, " on ", fault.service.empty() ? fault.vm : fault.service);
  for (const auto& [name, value] : fault.parameters) absl::StrAppend(&text, ", ", name, " ", value);
  FaultShape shape;
  if (ParseShape(fault.shape, shape).empty() && !shape.IsConstant()) {
    absl::StrAppend(&text, ", ", DescribeShape(shape));
  }
  return text;
}

Annotation AnnotationOf(const FaultRecord& fault) {
  Annotation annotation;
  annotation.start = fault.verified;
  annotation.text = TextOf(fault);
  annotation.tags = {"grayling", fault.kind};
  for (const std::string& tag : {fault.service, fault.campaign, TagOf(fault.name)}) {
    if (!tag.empty()) annotation.tags.push_back(tag);
  }
  return annotation;
}

}  // namespace

GrafanaAnnotations::GrafanaAnnotations(GrafanaClient& client, Clock& clock)
    : client_(client), clock_(clock), thread_([this] { Loop(); }) {}

GrafanaAnnotations::~GrafanaAnnotations() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  stop_.Notify();
  thread_.join();
}

void GrafanaAnnotations::AddCampaign(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  campaigns_.insert(name);
}

void GrafanaAnnotations::OnVerified(const FaultRecord& fault) {
  {
    absl::MutexLock lock(&mutex_);
    if (!fault.campaign.empty() && campaigns_.count(fault.campaign) == 0) return;
    begun_.insert(fault.name);
  }
  Queue({fault.name, AnnotationOf(fault), false, true, clock_.Now()});
}

void GrafanaAnnotations::OnEnded(const FaultRecord& fault) {
  if (fault.verified == absl::InfinitePast() || fault.reverted == absl::InfinitePast()) return;
  Job job{fault.name, AnnotationOf(fault), true, false, clock_.Now()};
  job.annotation.end = fault.reverted;
  {
    absl::MutexLock lock(&mutex_);
    job.was_begun_here = begun_.erase(fault.name) > 0;
    const bool is_of_other_campaign =
        !fault.campaign.empty() && campaigns_.count(fault.campaign) > 0;
    // An unknown campaign may be one that an earlier daemon annotated: its tag tells.
    if (is_of_other_campaign && !job.was_begun_here) return;
  }
  Queue(std::move(job));
}

void GrafanaAnnotations::Queue(Job job) {
  Job oldest;
  bool is_full = false;
  {
    absl::MutexLock lock(&mutex_);
    is_full = jobs_.size() >= kMostWaiting;
    if (is_full) {
      oldest = std::move(jobs_.front());
      jobs_.pop_front();
    }
    jobs_.push_back(std::move(job));
  }
  if (is_full) Drop(oldest, absl::ResourceExhaustedError("too many are waiting"));
}

void GrafanaAnnotations::Drop(const Job& job, const absl::Status& why) {
  uint64_t dropped = 0;
  {
    absl::MutexLock lock(&mutex_);
    dropped = ++dropped_;
  }
  // The first tells what is wrong, and a night of them must not fill the log.
  if (dropped == 1 || dropped % 100 == 0) {
    spdlog::warn("Grafana annotation of {} dropped, {} so far: {}", job.fault, dropped,
                 std::string(why.message()));
  }
}

uint64_t GrafanaAnnotations::dropped() {
  absl::MutexLock lock(&mutex_);
  return dropped_;
}

bool GrafanaAnnotations::WaitUntilDone(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto is_done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return jobs_.empty(); };
  return mutex_.AwaitWithTimeout(absl::Condition(&is_done), timeout);
}

absl::Status GrafanaAnnotations::DoEnd(const Job& job) {
  absl::StatusOr<int64_t> id = absl::NotFoundError("");
  if (const auto known = ids_.find(job.fault); known != ids_.end()) {
    id = known->second;
  } else {
    id = client_.Find(TagOf(job.fault));
  }
  absl::Status ended = id.status();
  if (id.ok()) ended = client_.End(*id, job.annotation.end);
  if (!absl::IsNotFound(ended)) {
    if (ended.ok()) ids_.erase(job.fault);
    return ended;
  }
  ids_.erase(job.fault);
  return job.was_begun_here ? client_.Create(job.annotation).status() : absl::OkStatus();
}

absl::Status GrafanaAnnotations::Do(const Job& job) {
  if (job.is_end) return DoEnd(job);
  const absl::StatusOr<int64_t> id = client_.Create(job.annotation);
  if (id.ok()) ids_[job.fault] = *id;
  return id.status();
}

void GrafanaAnnotations::Loop() {
  absl::Duration pause = kFirstPause;
  absl::Time give_up = absl::InfiniteFuture();  // of the last tries, on the machine's own clock
  while (true) {
    Job job;
    bool stopping = false;
    {
      absl::MutexLock lock(&mutex_);
      const auto has_work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !jobs_.empty() || stopping_;
      };
      mutex_.Await(absl::Condition(&has_work));
      if (jobs_.empty()) return;
      job = jobs_.front();
      stopping = stopping_;
    }
    if (stopping && give_up == absl::InfiniteFuture()) give_up = absl::Now() + kLastTries;
    absl::Status done = absl::DeadlineExceededError("the daemon stops");
    if (absl::Now() < give_up) done = Do(job);
    const bool may_retry =
        absl::IsUnavailable(done) && !stopping && clock_.Now() < job.queued + kTriedFor;
    if (may_retry) {
      if (pause == kFirstPause) spdlog::warn("{}; trying again", std::string(done.message()));
      clock_.SleepUntil(clock_.Now() + pause, stop_);
      pause = std::min(2 * pause, kLongestPause);
      continue;
    }
    pause = kFirstPause;
    if (!done.ok()) Drop(job, done);
    absl::MutexLock lock(&mutex_);
    // Unless the queue was full meanwhile and it was dropped there.
    if (!jobs_.empty() && jobs_.front().fault == job.fault && jobs_.front().is_end == job.is_end) {
      jobs_.pop_front();
    }
  }
}

}  // namespace grayling
