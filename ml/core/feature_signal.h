#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace grayling {

// A column as the streams see it: who owns it and under which signal (feature_name.h).
struct ColumnRole {
  std::string service;  // empty: every stream
  std::string signal;
};
ColumnRole RoleOf(const std::string& column);

bool IsContext(absl::string_view signal);  // of the whole system
bool IsEdge(absl::string_view signal);     // as the callers see it

// What a signal measures, as far as its name says.
enum class SignalClass {
  kOther,
  kLatency,   // how long requests take
  kError,     // failed requests, lost packets
  kLoad,      // requests per time: the offered load
  kResource,  // CPU, memory, disk: what a classic observer watches
};
SignalClass ClassOf(absl::string_view signal);

// Latency that the service itself measures: its own column, or the callee's side of an edge.
bool IsOwnLatency(absl::string_view signal);
// Latency of an edge as the caller measures it.
bool IsCallersLatency(absl::string_view signal);

// The services that own columns: `X` of `X/metric`, in order of first appearance. Names with
// characters other than letters, digits, '.', '_' and '-' are no services but part of a metric's
// name.
std::vector<std::string> ServicesOf(absl::Span<const std::string> columns);

// Every feature that these columns can give, in a fixed order: those of each signal, then the
// aggregates.
std::vector<std::string> CandidateFeatures(absl::Span<const std::string> columns,
                                           absl::Span<const std::string> services);

// The columns that these features read, in the order of `columns`; the rest may be dropped without
// changing any of them.
std::vector<std::string> ColumnsFor(absl::Span<const std::string> features,
                                    absl::Span<const std::string> columns,
                                    absl::Span<const std::string> services);

}  // namespace grayling
