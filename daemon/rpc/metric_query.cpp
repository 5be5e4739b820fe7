#include "daemon/rpc/metric_query.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/metrics/step_aligner.h"
#include "daemon/rpc/paging.h"

namespace grayling {
namespace {

constexpr size_t kSamplesPerMessage = 1000;

// Collects an answer and sends each message when it is full.
class Answer {
 public:
  explicit Answer(SendQueryPart send) : send_(send) {}

  absl::Status AddPoint(const std::string& series, int64_t time_ms, double value) {
    v1::Point& point = *message_.add_points();
    point.set_series(series);
    point.set_time_ms(time_ms);
    point.set_value(value);
    return ++size_ == kSamplesPerMessage ? Send() : absl::OkStatus();
  }

  absl::Status AddSeries(const std::string& series, const SeriesSamples& samples) {
    for (size_t at = 0; at < samples.times_ms.size();) {
      const size_t count = std::min(kSamplesPerMessage - size_, samples.times_ms.size() - at);
      const auto times = samples.times_ms.subspan(at, count);
      const auto values = samples.values.subspan(at, count);
      v1::SeriesSamples& part = *message_.add_series();
      part.set_series(series);
      part.mutable_times_ms()->Add(times.begin(), times.end());
      part.mutable_values()->Add(values.begin(), values.end());
      at += count;
      size_ += count;
      if (size_ == kSamplesPerMessage) GRAYLING_RETURN_IF_ERROR(Send());
    }
    return absl::OkStatus();
  }

  // Sends what is left.
  absl::Status Send() {
    if (size_ == 0) return absl::OkStatus();
    const bool sent = send_(message_);
    message_.Clear();
    size_ = 0;
    return sent ? absl::OkStatus() : absl::CancelledError("the client has ended the query");
  }

 private:
  const SendQueryPart send_;
  v1::QueryRangeResponse message_;
  size_t size_ = 0;
};

// The texts of the series that contain a text.
class WantedTexts {
 public:
  WantedTexts(SampleStore& samples, const std::string& contains)
      : samples_(samples), contains_(contains) {}

  // nullptr for a series that was not asked for.
  absl::StatusOr<const std::string*> Of(SeriesId id) {
    if (id >= choices_.size()) choices_.resize(id + 1);
    Choice& choice = choices_[id];
    if (!choice.known) {
      GRAYLING_ASSIGN_OR_RETURN(choice.text, samples_.Text(id));
      choice.known = true;
      choice.wanted = absl::StrContains(choice.text, contains_);
    }
    return choice.wanted ? &choice.text : nullptr;
  }

 private:
  struct Choice {
    bool known = false;
    bool wanted = false;
    std::string text;
  };

  SampleStore& samples_;
  const std::string& contains_;
  std::vector<Choice> choices_;
};

absl::StatusOr<std::vector<SeriesId>> WantedSeries(const std::string& selector_text,
                                                   const std::string& contains,
                                                   SampleStore& samples) {
  GRAYLING_ASSIGN_OR_RETURN(const SeriesSelector selector, SeriesSelector::Parse(selector_text));
  GRAYLING_ASSIGN_OR_RETURN(std::vector<SeriesId> ids, samples.Select(selector));
  if (contains.empty()) return ids;
  std::vector<SeriesId> wanted;
  for (const SeriesId id : ids) {
    GRAYLING_ASSIGN_OR_RETURN(const std::string text, samples.Text(id));
    if (absl::StrContains(text, contains)) wanted.push_back(id);
  }
  return wanted;
}

absl::StatusOr<Aggregation> AggregationOf(v1::Aggregation message) {
  switch (message) {
    case v1::AGGREGATION_UNSPECIFIED:
    case v1::AGGREGATION_LAST:
      return Aggregation::kLast;
    case v1::AGGREGATION_MEAN:
      return Aggregation::kMean;
    case v1::AGGREGATION_MIN:
      return Aggregation::kMin;
    case v1::AGGREGATION_MAX:
      return Aggregation::kMax;
    case v1::AGGREGATION_SUM:
      return Aggregation::kSum;
    case v1::AGGREGATION_COUNT:
      return Aggregation::kCount;
    case v1::AGGREGATION_RATE:
      return Aggregation::kRate;
    case v1::AGGREGATION_INCREASE:
      return Aggregation::kIncrease;
    case v1::AGGREGATION_DELTA:
      return Aggregation::kDelta;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("aggregation ", static_cast<int>(message),
                       " is unknown to this daemon; it may be older than the client"));
  }
}

absl::Status QueryPoints(const v1::QueryRangeRequest& request, absl::Time from, absl::Time to,
                         SampleStore& samples, Answer& answer) {
  WantedTexts texts(samples, request.contains());
  return samples.Scan(from, to, [&](const SampleBatch& batch) -> absl::Status {
    for (size_t i = 0; i < batch.series.size(); ++i) {
      GRAYLING_ASSIGN_OR_RETURN(const std::string* const text, texts.Of(batch.series[i]));
      if (text == nullptr) continue;
      GRAYLING_RETURN_IF_ERROR(answer.AddPoint(*text, batch.TimeOf(i), batch.values[i]));
    }
    return absl::OkStatus();
  });
}

absl::Status QueryRaw(absl::Span<const SeriesId> ids, absl::Time from, absl::Time to,
                      SampleStore& samples, Answer& answer) {
  return samples.Read(ids, from, to, [&](SeriesId id, const SeriesSamples& read) -> absl::Status {
    GRAYLING_ASSIGN_OR_RETURN(const std::string text, samples.Text(id));
    return answer.AddSeries(text, read);
  });
}

absl::Status QueryAligned(absl::Span<const SeriesId> ids, const StepAligner& aligner,
                          SampleStore& samples, Answer& answer) {
  std::vector<int64_t> times_ms;
  std::vector<double> values;
  return samples.Read(ids, absl::FromUnixMillis(aligner.ReadFromMs()),
                      absl::FromUnixMillis(aligner.ReadToMs()),
                      [&](SeriesId id, const SeriesSamples& read) -> absl::Status {
                        GRAYLING_ASSIGN_OR_RETURN(const std::string text, samples.Text(id));
                        aligner.Align(read, times_ms, values);
                        return answer.AddSeries(text, {times_ms, values});
                      });
}

// Nothing for a request without steps.
absl::StatusOr<std::optional<StepAligner>> AlignerOf(const v1::QueryRangeRequest& request,
                                                     absl::Time from, absl::Time to) {
  if (!request.has_step()) {
    if (request.aggregation() == v1::AGGREGATION_UNSPECIFIED) return std::nullopt;
    return absl::InvalidArgumentError("an aggregation needs a step; set one, such as 5s");
  }
  const absl::Duration step = FromProto(request.step());
  if (step < absl::Milliseconds(1) || step % absl::Milliseconds(1) != absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the step ", absl::FormatDuration(step),
                     " is no whole number of milliseconds above zero; use one, such as 5s"));
  }
  GRAYLING_ASSIGN_OR_RETURN(const Aggregation aggregation, AggregationOf(request.aggregation()));
  return StepAligner(
      {absl::ToUnixMillis(from), absl::ToUnixMillis(to), absl::ToInt64Milliseconds(step)},
      aggregation);
}

}  // namespace

absl::Status QuerySamples(const v1::QueryRangeRequest& request, absl::Time now,
                          SampleStore& samples, SendQueryPart send) {
  const absl::Time from = FromProto(request.start_time());
  // One millisecond more, so that "now" includes what was stored this instant.
  const absl::Time to =
      request.has_end_time() ? FromProto(request.end_time()) : now + absl::Milliseconds(1);
  if (to < from) {
    return absl::InvalidArgumentError("end_time is before start_time; exchange them");
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::optional<StepAligner> aligner, AlignerOf(request, from, to));
  Answer answer(send);
  if (!aligner.has_value() && !request.has_selector()) {
    GRAYLING_RETURN_IF_ERROR(QueryPoints(request, from, to, samples, answer));
    return answer.Send();
  }
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<SeriesId> ids,
                            WantedSeries(request.selector(), request.contains(), samples));
  GRAYLING_RETURN_IF_ERROR(aligner.has_value() ? QueryAligned(ids, *aligner, samples, answer)
                                               : QueryRaw(ids, from, to, samples, answer));
  return answer.Send();
}

absl::Status ListSeriesPage(const v1::ListSeriesRequest& request, SampleStore& samples,
                            v1::ListSeriesResponse& response) {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<SeriesId> ids,
                            WantedSeries(request.selector(), request.contains(), samples));
  GRAYLING_ASSIGN_OR_RETURN(const Page page,
                            PageOf(ids.size(), request.page_size(), request.page_token()));
  for (size_t i = page.begin; i < page.end; ++i) {
    GRAYLING_ASSIGN_OR_RETURN(*response.add_series(), samples.Text(ids[i]));
  }
  response.set_next_page_token(page.next_token);
  return absl::OkStatus();
}

}  // namespace grayling
