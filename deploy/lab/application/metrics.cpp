#include "deploy/lab/application/metrics.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/str_cat.h"

namespace grayling::lab {
namespace {

template <typename Metric>
Metric& FindOrMake(std::map<std::pair<std::string, std::string>, std::unique_ptr<Metric>>& all,
                   const std::string& name, const std::string& label) {
  std::unique_ptr<Metric>& slot = all[{name, label}];
  if (slot == nullptr) slot = std::make_unique<Metric>();
  return *slot;
}

// The shortest text that reads back as the same number: six digits would hide what a counter gains.
std::string Exact(double value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return std::string(text.data(), end);
}

// Writes the TYPE line whenever the name changes.
void Announce(const std::string& name, const char* type, std::string& last, std::string& out) {
  if (name == last) return;
  last = name;
  absl::StrAppend(&out, "# TYPE ", name, " ", type, "\n");
}

void RenderNumbers(
    const std::map<std::pair<std::string, std::string>, std::unique_ptr<Number>>& all,
    const char* type, std::string& out) {
  std::string last;
  for (const auto& [key, number] : all) {
    Announce(key.first, type, last, out);
    absl::StrAppend(&out, key.first);
    if (!key.second.empty()) absl::StrAppend(&out, "{", key.second, "}");
    absl::StrAppend(&out, " ", Exact(number->Get()), "\n");
  }
}

}  // namespace

void Histogram::Observe(double seconds) {
  const auto bound = std::lower_bound(kLatencyBounds.begin(), kLatencyBounds.end(), seconds);
  buckets_[bound - kLatencyBounds.begin()].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(seconds, std::memory_order_relaxed);
}

void Histogram::Render(const std::string& name, const std::string& labels, std::string& out) const {
  const std::string prefix = labels.empty() ? "" : absl::StrCat(labels, ",");
  uint64_t cumulative = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    cumulative += buckets_[i].load(std::memory_order_relaxed);
    const std::string le =
        i < kLatencyBounds.size() ? Exact(kLatencyBounds[i]) : std::string("+Inf");
    absl::StrAppend(&out, name, "_bucket{", prefix, "le=\"", le, "\"} ", cumulative, "\n");
  }
  const std::string braces = labels.empty() ? "" : absl::StrCat("{", labels, "}");
  absl::StrAppend(&out, name, "_sum", braces, " ", Exact(sum_.load(std::memory_order_relaxed)),
                  "\n");
  absl::StrAppend(&out, name, "_count", braces, " ", cumulative, "\n");
}

Histogram& Registry::LatencyHistogram(const std::string& name, const std::string& label) {
  absl::MutexLock lock(&mutex_);
  return FindOrMake(histograms_, name, label);
}

Number& Registry::Counter(const std::string& name, const std::string& label) {
  absl::MutexLock lock(&mutex_);
  return FindOrMake(counters_, name, label);
}

Number& Registry::Gauge(const std::string& name, const std::string& label) {
  absl::MutexLock lock(&mutex_);
  return FindOrMake(gauges_, name, label);
}

std::string Registry::Render() const {
  absl::MutexLock lock(&mutex_);
  std::string out;
  std::string last;
  for (const auto& [key, histogram] : histograms_) {
    Announce(key.first, "histogram", last, out);
    histogram->Render(key.first, key.second, out);
  }
  RenderNumbers(counters_, "counter", out);
  RenderNumbers(gauges_, "gauge", out);
  return out;
}

}  // namespace grayling::lab
