#include "daemon/ingest/write_request.h"

#include <bit>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "daemon/ingest/sample_intake.h"
#include "daemon/ingest/wire_reader.h"
#include "daemon/metrics/prompb_fields.h"
#include "daemon/metrics/series_text.h"
#include "daemon/metrics/valid_utf8.h"

namespace grayling {
namespace {

absl::Status Damaged(const char* what) {
  return absl::InvalidArgumentError(absl::StrCat("the message is damaged: ", what));
}

absl::Status ReadLabel(absl::string_view bytes, absl::string_view& name, absl::string_view& value) {
  WireReader label(bytes);
  uint32_t field = 0;
  WireReader::Type type = WireReader::Type::kVarint;
  while (!label.AtEnd()) {
    if (!label.ReadTag(field, type)) return Damaged("a label cannot be read");
    const bool is_text = type == WireReader::Type::kBytes;
    const bool read = is_text && field == prompb::kLabelName    ? label.ReadBytes(name)
                      : is_text && field == prompb::kLabelValue ? label.ReadBytes(value)
                                                                : label.Skip(type);
    if (!read) return Damaged("a label ends early");
  }
  return absl::OkStatus();
}

absl::Status ReadSample(absl::string_view bytes, double& value, int64_t& time_ms) {
  WireReader sample(bytes);
  uint64_t value_bits = 0;
  uint64_t time_bits = 0;
  uint32_t field = 0;
  WireReader::Type type = WireReader::Type::kVarint;
  while (!sample.AtEnd()) {
    if (!sample.ReadTag(field, type)) return Damaged("a sample cannot be read");
    bool read = false;
    if (field == prompb::kSampleValue && type == WireReader::Type::kFixed64) {
      read = sample.ReadFixed64(value_bits);
    } else if (field == prompb::kSampleTimestamp && type == WireReader::Type::kVarint) {
      read = sample.ReadVarint(time_bits);
    } else {
      read = sample.Skip(type);
    }
    if (!read) return Damaged("a sample ends early");
  }
  value = std::bit_cast<double>(value_bits);
  time_ms = static_cast<int64_t>(time_bits);
  if (!IsRecordable(time_ms)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the time ", time_ms, " is outside the years 1970 to 9999; send Unix milliseconds"));
  }
  return absl::OkStatus();
}

// The raw labels of one series: a view of the message where they stand together, as every known
// sender writes them, else a copy.
class RawLabels {
 public:
  void Add(absl::string_view bytes) {
    if (view_.empty()) {
      view_ = bytes;
    } else if (copy_.empty() && view_.data() + view_.size() == bytes.data()) {
      view_ = absl::string_view(view_.data(), view_.size() + bytes.size());
    } else {
      if (copy_.empty()) copy_.assign(view_.data(), view_.size());
      copy_.append(bytes.data(), bytes.size());
    }
  }
  absl::string_view bytes() const { return copy_.empty() ? view_ : absl::string_view(copy_); }

 private:
  absl::string_view view_;
  std::string copy_;
};

absl::Status ReadTimeSeries(absl::string_view bytes, SeriesKeys& keys, SampleBatch& batch) {
  WireReader series(bytes);
  RawLabels labels;
  const size_t first = batch.values.size();
  uint32_t field = 0;
  WireReader::Type type = WireReader::Type::kVarint;
  absl::string_view part;
  while (!series.AtEnd()) {
    const size_t begin = series.position();
    if (!series.ReadTag(field, type)) return Damaged("a series cannot be read");
    if (type != WireReader::Type::kBytes ||
        (field != prompb::kSeriesLabels && field != prompb::kSeriesSamples)) {
      if (!series.Skip(type)) return Damaged("a series ends early");
      continue;
    }
    if (!series.ReadBytes(part)) return Damaged("a series ends early");
    if (field == prompb::kSeriesLabels) {
      labels.Add(bytes.substr(begin, series.position() - begin));
      continue;
    }
    double value = 0;
    int64_t time_ms = 0;
    GRAYLING_RETURN_IF_ERROR(ReadSample(part, value, time_ms));
    batch.values.push_back(value);
    batch.times_ms.push_back(time_ms);
  }
  if (batch.values.size() == first) return absl::OkStatus();
  GRAYLING_ASSIGN_OR_RETURN(const SeriesId id, keys.IdOf(labels.bytes()));
  batch.series.resize(batch.values.size(), id);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SeriesOfLabels(absl::string_view raw_labels) {
  WireReader reader(raw_labels);
  std::map<std::string, std::string> labels;
  uint32_t field = 0;
  WireReader::Type type = WireReader::Type::kVarint;
  absl::string_view bytes;
  while (!reader.AtEnd()) {
    if (!reader.ReadTag(field, type) || type != WireReader::Type::kBytes ||
        !reader.ReadBytes(bytes)) {
      return Damaged("a label cannot be read");
    }
    absl::string_view name;
    absl::string_view value;
    GRAYLING_RETURN_IF_ERROR(ReadLabel(bytes, name, value));
    if (!IsUtf8(name) || !IsUtf8(value)) {
      return absl::InvalidArgumentError("the name or value of a label is no UTF-8");
    }
    if (name.empty()) return absl::InvalidArgumentError("a label has no name");
    if (!labels.emplace(std::string(name), std::string(value)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("a series has the label '", name, "' twice; send it once"));
    }
  }
  const auto name = labels.extract("__name__");
  if (name.empty() || name.mapped().empty()) {
    return absl::InvalidArgumentError("a series has no label __name__; every series needs one");
  }
  return SeriesText(name.mapped(), labels);
}

absl::Status ReadWriteRequest(absl::string_view message, SeriesKeys& keys, SampleBatch& batch) {
  batch.series.clear();
  batch.values.clear();
  batch.times_ms.clear();
  WireReader request(message);
  uint32_t field = 0;
  WireReader::Type type = WireReader::Type::kVarint;
  absl::string_view series;
  while (!request.AtEnd()) {
    const size_t begin = request.position();
    const bool read = request.ReadTag(field, type);
    const bool is_series =
        read && field == prompb::kRequestTimeSeries && type == WireReader::Type::kBytes;
    if (!read || !(is_series ? request.ReadBytes(series) : request.Skip(type))) {
      return absl::InvalidArgumentError(
          absl::StrCat("the message is damaged: the field at byte ", begin, " cannot be read"));
    }
    if (!is_series) continue;
    if (absl::Status status = ReadTimeSeries(series, keys, batch); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat(status.message(), " (in the series at byte ",
                                                      begin, " of the message)"));
    }
  }
  SettleInstants(batch);
  return absl::OkStatus();
}

}  // namespace grayling
