#include "daemon/metrics/remote_write_body.h"

#include <snappy.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "base/status_macros.h"
#include "daemon/metrics/prompb_fields.h"
#include "daemon/metrics/series_text.h"

namespace grayling {
namespace {

constexpr size_t kMostLabelsKept = 200'000;

// The wire tag of a field below 16; of Protobuf's wire types 0 is a varint, 1 are 8 bytes, 2 are
// bytes behind their count.
constexpr char Tag(uint32_t field, uint32_t wire_type) {
  return static_cast<char>(field << 3 | wire_type);
}
constexpr char kTimeSeries = Tag(prompb::kRequestTimeSeries, 2);
constexpr char kLabel = Tag(prompb::kSeriesLabels, 2);
constexpr char kSample = Tag(prompb::kSeriesSamples, 2);
constexpr char kName = Tag(prompb::kLabelName, 2);
constexpr char kLabelValue = Tag(prompb::kLabelValue, 2);
constexpr char kValue = Tag(prompb::kSampleValue, 1);
constexpr char kTimestamp = Tag(prompb::kSampleTimestamp, 0);

void AppendVarint(uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

size_t VarintSize(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

void AppendField(char tag, absl::string_view bytes, std::string& out) {
  out.push_back(tag);
  AppendVarint(bytes.size(), out);
  out.append(bytes.data(), bytes.size());
}

void AppendLabel(absl::string_view name, absl::string_view value, std::string& out) {
  out.push_back(kLabel);
  AppendVarint(2 + VarintSize(name.size()) + name.size() + VarintSize(value.size()) + value.size(),
               out);
  AppendField(kName, name, out);
  AppendField(kLabelValue, value, out);
}

void AppendSample(int64_t time_ms, double value, std::string& out) {
  const auto time = static_cast<uint64_t>(time_ms);
  out.push_back(kSample);
  AppendVarint(1 + sizeof(uint64_t) + 1 + VarintSize(time), out);
  out.push_back(kValue);
  const auto bits = std::bit_cast<uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>(bits >> shift));
  out.push_back(kTimestamp);
  AppendVarint(time, out);
}

}  // namespace

absl::StatusOr<const std::string*> RemoteWriteBody::LabelsOf(SeriesId id, TextOf text_of) {
  if (const auto found = labels_.find(id); found != labels_.end()) return &found->second;
  if (labels_.size() >= kMostLabelsKept) labels_.clear();
  GRAYLING_ASSIGN_OR_RETURN(const std::string text, text_of(id));
  GRAYLING_ASSIGN_OR_RETURN(SeriesParts parts, PartsOf(text));
  parts.labels.push_back({"__name__", std::move(parts.name)});
  std::sort(parts.labels.begin(), parts.labels.end(),
            [](const Label& a, const Label& b) { return a.name < b.name; });
  std::string& encoded = labels_[id];
  for (const Label& label : parts.labels) AppendLabel(label.name, label.value, encoded);
  return &encoded;
}

absl::StatusOr<absl::string_view> RemoteWriteBody::Encode(absl::Span<const SeriesId> series,
                                                          absl::Span<const int64_t> times_ms,
                                                          absl::Span<const double> values,
                                                          TextOf text_of) {
  order_.resize(series.size());
  std::iota(order_.begin(), order_.end(), 0u);
  std::sort(order_.begin(), order_.end(), [&](uint32_t a, uint32_t b) {
    if (series[a] != series[b]) return series[a] < series[b];
    return times_ms[a] != times_ms[b] ? times_ms[a] < times_ms[b] : a < b;
  });
  plain_.clear();
  for (size_t at = 0; at < order_.size();) {
    const SeriesId id = series[order_[at]];
    samples_.clear();
    for (; at < order_.size() && series[order_[at]] == id; ++at) {
      const uint32_t row = order_[at];
      const bool rewritten = at + 1 < order_.size() && series[order_[at + 1]] == id &&
                             times_ms[order_[at + 1]] == times_ms[row];
      if (!rewritten) AppendSample(times_ms[row], values[row], samples_);
    }
    GRAYLING_ASSIGN_OR_RETURN(const std::string* const labels, LabelsOf(id, text_of));
    plain_.push_back(kTimeSeries);
    AppendVarint(labels->size() + samples_.size(), plain_);
    plain_ += *labels;
    plain_ += samples_;
  }
  snappy::Compress(plain_.data(), plain_.size(), &packed_);
  return packed_;
}

}  // namespace grayling
