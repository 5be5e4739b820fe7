#include "daemon/rpc/ingest_stream.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/metrics/series_text.h"
#include "daemon/rpc/status_convert.h"

namespace grayling {
namespace {

constexpr uint64_t kMostWaiting = 200'000;
constexpr size_t kMostPerMessage = 100'000;

std::string WrittenText(const v1::IngestedSeries& series) {
  const std::map<std::string, std::string> labels(series.labels().begin(), series.labels().end());
  return SeriesText(series.metric(), labels);
}

}  // namespace

absl::StatusOr<std::string> SeriesOfText(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("a series has neither text nor metric");
  GRAYLING_ASSIGN_OR_RETURN(const SeriesParts parts, PartsOf(text));
  if (parts.name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the series ", text, " has no name"));
  }
  std::map<std::string, std::string> labels;
  for (const Label& label : parts.labels) {
    if (label.name.empty() || label.name == "__name__") {
      return absl::InvalidArgumentError(absl::StrCat("the series ", text, " has a label called '",
                                                     label.name,
                                                     "'; its name stands before the {"));
    }
    if (!labels.emplace(label.name, label.value).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("the series ", text, " has the label '", label.name, "' twice"));
    }
  }
  return SeriesText(parts.name, labels);
}

absl::Status ReadIngestRequest(const v1::IngestSamplesRequest& request, SeriesKeys& keys,
                               SampleBatch& batch) {
  batch.series.clear();
  batch.values.clear();
  batch.times_ms.clear();
  for (const v1::IngestedSeries& series : request.series()) {
    if (series.text().empty() && series.metric().empty()) {
      return absl::InvalidArgumentError("a series has neither text nor metric; give it one");
    }
    if (series.labels().contains("")) {
      return absl::InvalidArgumentError(
          absl::StrCat("a label of the series ", series.metric(), " has no name"));
    }
    const std::string made = series.text().empty() ? WrittenText(series) : std::string();
    const std::string& text = made.empty() ? series.text() : made;
    if (series.times_ms_size() != series.values_size()) {
      return absl::InvalidArgumentError(absl::StrCat(text, " has ", series.times_ms_size(),
                                                     " times and ", series.values_size(),
                                                     " values; send as many of both"));
    }
    if (batch.values.size() + static_cast<size_t>(series.values_size()) > kMostPerMessage) {
      return absl::InvalidArgumentError(
          absl::StrCat("a message has more than ", kMostPerMessage, " samples; send smaller ones"));
    }
    for (const int64_t time_ms : series.times_ms()) {
      if (IsRecordable(time_ms)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(text, " has the time ", time_ms,
                       ", outside the years 1970 to 9999; send Unix milliseconds"));
    }
    if (series.values_size() == 0) continue;
    GRAYLING_ASSIGN_OR_RETURN(const SeriesId id, keys.IdOf(text));
    batch.values.insert(batch.values.end(), series.values().begin(), series.values().end());
    batch.times_ms.insert(batch.times_ms.end(), series.times_ms().begin(), series.times_ms().end());
    batch.series.resize(batch.values.size(), id);
  }
  SettleInstants(batch);
  return absl::OkStatus();
}

IngestStream::IngestStream(SampleIntake& intake, SeriesKeys& keys) : intake_(intake), keys_(keys) {
  Proceed([this] {
    mutex_.AssertHeld();
    batch_.target = "ingest";
  });
}

absl::Status IngestStream::Take() {
  GRAYLING_RETURN_IF_ERROR(ReadIngestRequest(request_, keys_, batch_));
  GRAYLING_RETURN_IF_ERROR(intake_.Take(batch_));
  taken_ += batch_.series.size();
  return absl::OkStatus();
}

void IngestStream::OnReadDone(bool ok) {
  Proceed([this, ok] {
    mutex_.AssertHeld();
    is_reading_ = false;
    if (!ok) {
      has_ended_ = true;
    } else if (error_.ok()) {
      error_ = Take();
    }
  });
}

void IngestStream::OnWriteDone(bool ok) {
  Proceed([this, ok] {
    mutex_.AssertHeld();
    is_writing_ = false;
    if (!ok) error_.Update(absl::CancelledError("the client has left the stream"));
  });
}

void IngestStream::OnCommit(uint64_t taken, const absl::Status& status) {
  Proceed([&] {
    mutex_.AssertHeld();
    is_committing_ = false;
    if (status.ok()) durable_ = taken;
    error_.Update(status);
  });
}

void IngestStream::Proceed(absl::FunctionRef<void()> change) {
  grpc::Status status;
  {
    absl::MutexLock lock(&mutex_);
    change();
    if (!Advance()) return;
    status = ToGrpc(error_);
  }
  Finish(status);
}

bool IngestStream::Advance() {
  if (is_finished_) return false;
  if (!is_committing_ && durable_ < taken_ && error_.ok()) {
    is_committing_ = true;
    intake_.NotifyDurable(
        [this, taken = taken_](const absl::Status& status) { OnCommit(taken, status); });
  }
  if (!is_writing_ && told_ < durable_) {
    is_writing_ = true;
    told_ = durable_;
    response_.set_durable_samples(told_);
    StartWrite(&response_);
  }
  if (!is_reading_ && !has_ended_ && error_.ok() && taken_ - durable_ < kMostWaiting) {
    is_reading_ = true;
    StartRead(&request_);
  }
  if (is_writing_ || is_committing_) return false;
  is_finished_ = !error_.ok() || (has_ended_ && told_ == taken_);
  return is_finished_;
}

}  // namespace grayling
