#include "ml/core/alignment.h"

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

int64_t ToMs(double seconds) { return std::llround(seconds * 1000); }

// NaN stands for "nothing yet".
void AddTo(double& sum, double value) { sum = std::isnan(sum) ? value : sum + value; }

// X{labels} with `suffix` put behind X.
std::string WithSuffix(const std::string& column, absl::string_view suffix) {
  const size_t brace = column.find('{');
  if (brace == std::string::npos) return absl::StrCat(column, suffix);
  return absl::StrCat(column.substr(0, brace), suffix, column.substr(brace));
}

}  // namespace

Aligner::Aligner(double step_s) : step_ms_(ToMs(step_s)) {}

void Aligner::AddSeries(uint32_t id, absl::string_view series) {
  const auto [place, fresh] = series_.try_emplace(id);
  if (!fresh) return;
  const ColumnRule rule = ColumnOf(series);
  place->second.kind = rule.kind;
  switch (rule.kind) {
    case ColumnRule::Kind::kIgnored:
      break;
    case ColumnRule::Kind::kGauge:
    case ColumnRule::Kind::kCounter:
      place->second.slot = ColumnIndex(rule.column);
      break;
    case ColumnRule::Kind::kHistogramSum:
    case ColumnRule::Kind::kHistogramCount:
      place->second.slot = HistogramIndex(rule);
      break;
  }
}

bool Aligner::Knows(uint32_t id) const { return series_.contains(id); }

int Aligner::ColumnIndex(const std::string& name) {
  const auto [place, fresh] = column_index_.emplace(name, static_cast<int>(columns_.size()));
  if (fresh) {
    columns_.push_back(name);
    gauge_time_ms_.push_back(kNever);
  }
  return place->second;
}

int Aligner::HistogramIndex(const ColumnRule& rule) {
  const auto [place, fresh] =
      histogram_index_.emplace(rule.column, static_cast<int>(histograms_.size()));
  if (fresh) histograms_.emplace_back();
  Histogram& histogram = histograms_[place->second];
  (rule.kind == ColumnRule::Kind::kHistogramSum ? histogram.has_sum_series
                                                : histogram.has_count_series) = true;
  if (histogram.has_count_series && histogram.rate_column < 0) {
    histogram.rate_column = ColumnIndex(WithSuffix(rule.column, "_rate"));
  }
  if (histogram.has_count_series && histogram.has_sum_series && histogram.mean_column < 0) {
    histogram.mean_column = ColumnIndex(WithSuffix(rule.column, "_mean"));
  }
  return place->second;
}

void Aligner::Push(uint32_t id, int64_t time_ms, double value) {
  const auto found = series_.find(id);
  if (found == series_.end() || found->second.slot < 0 || !std::isfinite(value)) return;
  found->second.pending.push_back({time_ms, value});
}

void Aligner::Emit(double time_s, std::vector<double>& row) {
  const int64_t end_ms = ToMs(time_s);
  row.assign(columns_.size(), kMissing);
  gauge_time_ms_.assign(columns_.size(), kNever);
  for (Histogram& histogram : histograms_) histogram.sum_rate = histogram.count_rate = kMissing;

  for (auto& [id, series] : series_) {
    Sample last{end_ms - step_ms_, kMissing};
    bool has_last = false;
    size_t kept = 0;
    for (const Sample& sample : series.pending) {
      if (sample.time_ms > end_ms) {
        series.pending[kept++] = sample;
      } else if (sample.time_ms > last.time_ms || (has_last && sample.time_ms == last.time_ms)) {
        last = sample;
        has_last = true;
      }
    }
    series.pending.resize(kept);
    if (!has_last) continue;

    if (series.kind == ColumnRule::Kind::kGauge) {
      if (last.time_ms >= gauge_time_ms_[series.slot]) {
        gauge_time_ms_[series.slot] = last.time_ms;
        row[series.slot] = last.value;
      }
      continue;
    }
    if (series.has_previous && last.value >= series.previous.value) {
      const double rate = (last.value - series.previous.value) * 1000 /
                          static_cast<double>(last.time_ms - series.previous.time_ms);
      if (series.kind == ColumnRule::Kind::kCounter) {
        AddTo(row[series.slot], rate);
      } else if (series.kind == ColumnRule::Kind::kHistogramSum) {
        AddTo(histograms_[series.slot].sum_rate, rate);
      } else {
        AddTo(histograms_[series.slot].count_rate, rate);
      }
    }
    series.has_previous = true;
    series.previous = last;
  }
  CloseHistograms(row);
}

void Aligner::CloseHistograms(std::vector<double>& row) {
  for (const Histogram& histogram : histograms_) {
    if (histogram.rate_column >= 0) row[histogram.rate_column] = histogram.count_rate;
    // 0/0 would be NaN anyway; a sum that moved without a count would be infinite.
    if (histogram.mean_column >= 0 && histogram.count_rate > 0) {
      row[histogram.mean_column] = histogram.sum_rate / histogram.count_rate;
    }
  }
}

}  // namespace grayling
