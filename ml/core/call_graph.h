#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace grayling {

// The services of a data set, who calls whom, and which columns measure either. Indices into
// services() and calls() stay valid for the object's life. Immutable, so safe to share.
class CallGraph {
 public:
  struct Call {
    size_t caller = 0;
    size_t callee = 0;
    std::vector<size_t> columns;  // `caller>callee/metric`; empty: known, but not measured
  };
  struct Service {
    std::string name;
    std::vector<size_t> columns;   // `name/metric`
    std::vector<size_t> incoming;  // calls in which it is the callee
    std::vector<size_t> outgoing;  // calls in which it is the caller
  };

  // `columns` are a data set's column names. `edges` (caller, callee) add calls that no column
  // measures, and services that own none. Services come in order of first sight, columns first. A
  // column belongs to a service when the text before its first '/' is a name: not empty and without
  // blanks, quotes, braces or '=', which are part of a metric with labels. A call from a service to
  // itself is left out.
  CallGraph(absl::Span<const std::string> columns,
            absl::Span<const std::pair<std::string, std::string>> edges);

  const std::vector<Service>& services() const { return services_; }
  const std::vector<Call>& calls() const { return calls_; }

 private:
  std::vector<Service> services_;
  std::vector<Call> calls_;
};

// `metric` of `service/metric` and `caller>callee/metric`; the whole name of any other column.
std::string MetricOf(const std::string& column);

}  // namespace grayling
