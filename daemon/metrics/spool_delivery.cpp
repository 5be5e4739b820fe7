#include "daemon/metrics/spool_delivery.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr absl::Duration kWaitForSamples = absl::Milliseconds(200);
constexpr absl::Duration kLookForRestart = absl::Seconds(5);
constexpr absl::Duration kLookForServer = absl::Seconds(1);

}  // namespace

SpoolDelivery::SpoolDelivery(SampleSpool& spool, VictoriaMetricsClient& client,
                             SpoolDeliveryOptions options)
    : spool_(spool), client_(client), options_(options) {
  thread_ = std::thread([this] { Loop(); });
}

SpoolDelivery::~SpoolDelivery() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::Status SpoolDelivery::Deliver(absl::Time deadline) {
  const int64_t wanted = spool_.SavedSequence();
  absl::MutexLock lock(&mutex_);
  const auto sent = [this, wanted] {
    mutex_.AssertReaderHeld();
    return sent_ >= wanted;
  };
  if (mutex_.AwaitWithDeadline(absl::Condition(&sent), deadline)) return absl::OkStatus();
  if (!error_.ok()) return error_;
  return absl::DeadlineExceededError("VictoriaMetrics has not answered for all samples in time");
}

void SpoolDelivery::Loop() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    mutex_.Unlock();
    LookForRestart();
    const absl::Status status = SendNext();
    status.ok() ? NoteSuccess() : NoteFailure(status);
    ForgetSettled();
    mutex_.Lock();
    error_ = status;
    if (!status.ok()) mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.retry);
  }
}

absl::Status SpoolDelivery::SendNext() {
  int64_t after = 0;
  {
    absl::MutexLock lock(&mutex_);
    after = sent_;
  }
  GRAYLING_RETURN_IF_ERROR(
      spool_.NextSaved(after, options_.samples_per_write, absl::Now() + kWaitForSamples, rows_));
  if (rows_.last_sequence == 0) return absl::OkStatus();
  // A batch may hold more than a write should.
  for (size_t begin = 0; begin < rows_.series.size(); begin += options_.samples_per_write) {
    GRAYLING_RETURN_IF_ERROR(
        Send(begin, std::min(options_.samples_per_write, rows_.series.size() - begin)));
  }
  answered_.push_back({rows_.last_sequence, absl::Now()});
  absl::MutexLock lock(&mutex_);
  sent_ = rows_.last_sequence;
  return absl::OkStatus();
}

absl::Status SpoolDelivery::Send(size_t begin, size_t count) {
  const auto part = [&](const auto& column) {
    return absl::MakeConstSpan(column).subspan(begin, count);
  };
  GRAYLING_ASSIGN_OR_RETURN(
      const absl::string_view body,
      body_.Encode(part(rows_.series), part(rows_.times_ms), part(rows_.values),
                   [this](SeriesId id) { return spool_.Text(id); }));
  if (body_.plain_bytes() <= options_.bytes_per_write || count == 1) return client_.Write(body);
  GRAYLING_RETURN_IF_ERROR(Send(begin, count / 2));
  return Send(begin + count / 2, count - count / 2);
}

void SpoolDelivery::NoteFailure(const absl::Status& status) {
  const absl::Time now = absl::Now();
  const std::string sentence(status.message());
  if (failing_since_ == absl::InfinitePast()) {
    failing_since_ = now;
    spdlog::warn("samples wait in the spool: {}", sentence);
  }
  spool_.ExplainWaiting(absl::StrCat(
      "for ", absl::FormatDuration(absl::Trunc(now - failing_since_, absl::Seconds(1))), " ",
      sentence));
  SendAllAgain();
}

void SpoolDelivery::NoteSuccess() {
  if (failing_since_ == absl::InfinitePast()) return;
  failing_since_ = absl::InfinitePast();
  spool_.ExplainWaiting("");
  spdlog::info("VictoriaMetrics at {} takes samples again", client_.address().write_url);
}

// A quick restart may pass without one failed write.
void SpoolDelivery::LookForRestart() {
  const absl::Time now = absl::Now();
  const absl::Duration interval = server_start_.has_value() ? kLookForRestart : kLookForServer;
  if (failing_since_ != absl::InfinitePast() || now - looked_at_ < interval) return;
  looked_at_ = now;
  const std::optional<int64_t> start = client_.StartedAt();
  if (!start.has_value()) return;
  if (server_start_.has_value() && *server_start_ != *start) {
    spdlog::info("VictoriaMetrics at {} was restarted; its newest samples are sent again",
                 client_.address().write_url);
    SendAllAgain();
  }
  server_start_ = start;
}

void SpoolDelivery::ForgetSettled() {
  const absl::Time settled = absl::Now() - options_.settle;
  int64_t sequence = 0;
  for (; !answered_.empty() && answered_.front().at <= settled; answered_.pop_front()) {
    sequence = answered_.front().sequence;
  }
  if (sequence > 0) spool_.Forget(sequence);
}

void SpoolDelivery::SendAllAgain() {
  answered_.clear();
  absl::MutexLock lock(&mutex_);
  sent_ = 0;
}

}  // namespace grayling
