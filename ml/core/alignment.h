#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"

namespace grayling {

// What one series contributes to the aligned table.
struct ColumnRule {
  enum class Kind { kIgnored, kGauge, kCounter, kHistogramSum, kHistogramCount };
  Kind kind = Kind::kIgnored;
  // service/metric, caller>callee/metric, or plain metric. Of a histogram: what its two columns'
  // names have in common, X{labels} for X_mean{labels} and X_rate{labels}.
  std::string column;
};

// From the canonical text of a series to its column. Pure.
//  * The service is the label `container_name`, else `service`; with `upstream` too it is an edge.
//  * X_total is a counter (column X_rate, per second); X_sum and X_count are a histogram (columns
//    X_mean and X_rate, one series of the pair alone gives no mean); everything else is a gauge.
//  * Ignored: *_bucket and everything with `le`, *_info, *_created, clocks (they only tell the
//  time),
//    scrape bookkeeping, the daemon's own record of its faults and campaigns (they are the
//    labels), what an exporter without a service says of its own process, and devices
//    that Docker names anew at every start (veth*, br-*).
//  * The other labels become part of the metric's name, X{route=_api_owners}, without ids,
//  addresses,
//    ports, images, instance, job and target. Characters that have a meaning in column names become
//    '_'.
ColumnRule ColumnOf(absl::string_view series);

// Puts samples on a grid, causally: row t uses the last sample of each series in (t - step, t];
// a series without one is missing (NaN) in that row, never filled. Rates are taken between the last
// samples of successive rows that had one; a counter that fell is a reset: missing once. When
// several series share one column their values are added (counters, histograms) or the last sample
// wins (gauges; at equal times the larger id). A mean is missing in a row without new observations.
// The result does not depend on the order of AddSeries, but the order of columns() does.
// Batch and live use this one class. Push and Emit do not allocate in the steady state.
// Not thread-safe.
class Aligner {
 public:
  explicit Aligner(double step_s);

  // Registers a series under a dense id, once. Ids need not be contiguous.
  void AddSeries(uint32_t id, absl::string_view series);
  bool Knows(uint32_t id) const;
  // Samples may come in any order; of two at one instant the later call wins. Samples of a series
  // that was not added, of rows already emitted, and values that are not finite are dropped.
  void Push(uint32_t id, int64_t time_ms, double value);
  // Closes the row that ends at `time_s`; samples newer than that stay for later rows.
  // Times must increase. `row` gets one value per column known now; its size grows as columns
  // appear.
  void Emit(double time_s, std::vector<double>& row);

  const std::vector<std::string>& columns() const { return columns_; }

 private:
  struct Sample {
    int64_t time_ms;
    double value;
  };
  struct Series {
    ColumnRule::Kind kind = ColumnRule::Kind::kIgnored;
    int slot = -1;  // gauge, counter: its column. Histogram: index into histograms_
    std::vector<Sample> pending;
    bool has_previous = false;
    Sample previous{};
  };
  struct Histogram {
    int mean_column = -1;
    int rate_column = -1;
    bool has_sum_series = false;
    bool has_count_series = false;
    // Of the row being emitted; NaN: nothing yet.
    double sum_rate = 0;
    double count_rate = 0;
  };

  int ColumnIndex(const std::string& name);
  int HistogramIndex(const ColumnRule& rule);
  void CloseHistograms(std::vector<double>& row);

  const int64_t step_ms_;
  std::map<uint32_t, Series> series_;  // by id: sums are formed in one order, live and batch
  std::vector<std::string> columns_;
  std::vector<int64_t> gauge_time_ms_;  // per column, of the row being emitted
  std::unordered_map<std::string, int> column_index_;
  std::vector<Histogram> histograms_;
  std::unordered_map<std::string, int> histogram_index_;
};

}  // namespace grayling
