#pragma once

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace grayling {

enum class MetricKind {
  kGauge,    // a state: take the last value, the mean or the largest
  kCounter,  // only grows, and begins at 0 anew when its process does: take the rate
  kDelta,    // what came to pass since the report before: add up, never take the rate
};

enum class MetricGroup {
  kCpu,
  kMemory,
  kDisk,
  kNetwork,
  kContainer,
  kScheduler,
  kJvm,
  kL7,
  kClient
};

// A metric that was selected for gray failures: a service that is ill and still answers.
struct CatalogueEntry {
  absl::string_view name;  // without labels
  MetricKind kind;
  MetricGroup group;
  absl::string_view unit;     // "1" for a count or a share, "%" for 0 to 100
  absl::string_view meaning;  // one phrase
  absl::string_view reason;   // which gray failure it gives away, one sentence
};

// "gauge", "counter", "delta".
absl::string_view NameOf(MetricKind kind);
// "cpu", "memory", ..., "client".
absl::string_view NameOf(MetricGroup group);
std::optional<MetricGroup> FindMetricGroup(absl::string_view name);

// All entries, ascending by name. gala-gopher types all of its metrics gauge; those that its
// sources reset at every report are deltas here (see docs/observing.md). Lives for
// ever, thread-safe.
const std::vector<CatalogueEntry>& MetricCatalogue();
// nullptr for a metric that is not in the catalogue. Thread-safe, no allocation.
const CatalogueEntry* FindMetric(absl::string_view name);

// The parts of the catalogue: of the machine, and of what runs on it.
absl::Span<const CatalogueEntry> HostMetrics();
absl::Span<const CatalogueEntry> ApplicationMetrics();

}  // namespace grayling
