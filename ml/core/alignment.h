#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace grayling {

// What one series contributes to the aligned table.
struct ColumnRule {
  enum class Kind { kIgnored, kGauge, kCounter, kHistogramSum, kHistogramCount };
  Kind kind = Kind::kIgnored;
  std::string column;  // service/metric, caller>callee/metric, or plain metric
};

// From the canonical text of a series to its column. Pure.
//  * The service is the label `container_name`, else `service`; an edge has `upstream` too.
//  * *_total is a counter (column = rate per second); X_sum and X_count are a histogram (columns X_mean
//    and X_rate); *_bucket, `*_info` and scrape bookkeeping are ignored; everything else is a gauge.
//  * The other labels (without ids, addresses and instance) become part of the metric's name.
ColumnRule ColumnOf(absl::string_view series);

// Puts samples on a grid, causally: row t uses the last sample of each series in (t - step, t];
// a series without one is missing (NaN) in that row, never filled. Rates are taken between the last
// samples of successive rows that had one; a counter that fell is a reset: missing once. When several
// series share one column their values are added (counters, histograms) or the last wins (gauges).
// Batch and live use this one class. Not thread-safe.
class Aligner {
 public:
  explicit Aligner(double step_s);

  // Registers a series under a dense id, once. Ids need not be contiguous.
  void AddSeries(uint32_t id, absl::string_view series);
  bool Knows(uint32_t id) const;
  // Samples may come in any order within a row.
  void Push(uint32_t id, int64_t time_ms, double value);
  // Closes the row that ends at `time_s`; samples newer than that stay for later rows.
  // `row` gets one value per column known now; its size grows as columns appear.
  void Emit(double time_s, std::vector<double>& row);

  const std::vector<std::string>& columns() const { return columns_; }

 private:
  struct Sample {
    int64_t time_ms;
    double value;
  };
  struct Series {
    ColumnRule::Kind kind = ColumnRule::Kind::kIgnored;
    int column = -1;  // gauge, counter: its column. Histogram: index into histograms_
    std::vector<Sample> pending;
    bool has_previous = false;
    Sample previous{};
  };
  struct Histogram {
    int mean_column = -1;
    int rate_column = -1;
    double sum_rate = 0;
    double count_rate = 0;
    bool has_sum = false;
    bool has_count = false;
  };

  int ColumnIndex(const std::string& name);

  const double step_s_;
  std::unordered_map<uint32_t, Series> series_;
  std::vector<std::string> columns_;
  std::unordered_map<std::string, int> column_index_;
  std::vector<Histogram> histograms_;
  std::unordered_map<std::string, int> histogram_index_;
};

}  // namespace grayling
