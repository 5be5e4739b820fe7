#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace grayling::lab {

// Upper bounds in seconds, as Prometheus's `le`; +Inf is implied.
inline constexpr std::array kLatencyBounds = {.001, .002, .005, .01, .02, .05, .1,
                                              .2,   .5,   1.,   2.,  5.,  10.};

// Latencies in seconds. Thread-safe, lock-free.
class Histogram {
 public:
  void Observe(double seconds);
  // Appends the series in Prometheus's text format; `labels` is `name="value"` without braces.
  void Render(const std::string& name, const std::string& labels, std::string& out) const;

 private:
  std::array<std::atomic<uint64_t>, kLatencyBounds.size() + 1> buckets_{};
  std::atomic<double> sum_{0};
};

// A counter or a gauge: one number. Thread-safe, lock-free.
class Number {
 public:
  void Add(double by) { value_.fetch_add(by, std::memory_order_relaxed); }
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  double Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// The metrics of one service. References stay valid as long as the registry. Thread-safe.
// Ask for a metric once, at start-up, and keep the reference: the look-up takes a lock.
class Registry {
 public:
  // `label` is one `name="value"` pair or empty.
  Histogram& LatencyHistogram(const std::string& name, const std::string& label);
  Number& Counter(const std::string& name, const std::string& label);
  Number& Gauge(const std::string& name, const std::string& label);

  // Prometheus's text format 0.0.4, metrics and labels in alphabetical order.
  std::string Render() const;

 private:
  using Key = std::pair<std::string, std::string>;  // name, label

  mutable absl::Mutex mutex_;
  std::map<Key, std::unique_ptr<Histogram>> histograms_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, std::unique_ptr<Number>> counters_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, std::unique_ptr<Number>> gauges_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace grayling::lab
