#include "ml/core/call_graph.h"

#include <map>

namespace grayling {
namespace {

bool IsName(const std::string& text) {
  return !text.empty() && text.find_first_of(" \t\"'{}=") == std::string::npos;
}

}  // namespace

CallGraph::CallGraph(absl::Span<const std::string> columns,
                     absl::Span<const std::pair<std::string, std::string>> edges) {
  std::map<std::string, size_t> place;
  std::map<std::pair<size_t, size_t>, size_t> call_place;
  const auto service_of = [&](const std::string& name) {
    const auto [found, fresh] = place.emplace(name, services_.size());
    if (fresh) services_.push_back({name, {}, {}, {}});
    return found->second;
  };
  const auto call_of = [&](size_t caller, size_t callee) {
    const auto [found, fresh] = call_place.emplace(std::pair(caller, callee), calls_.size());
    if (fresh) {
      services_[caller].outgoing.push_back(calls_.size());
      services_[callee].incoming.push_back(calls_.size());
      calls_.push_back({caller, callee, {}});
    }
    return found->second;
  };
  for (size_t c = 0; c < columns.size(); ++c) {
    const size_t slash = columns[c].find('/');
    if (slash == std::string::npos) continue;
    const std::string owner = columns[c].substr(0, slash);
    const size_t arrow = owner.find('>');
    if (arrow == std::string::npos) {
      if (IsName(owner)) services_[service_of(owner)].columns.push_back(c);
      continue;
    }
    const std::string caller = owner.substr(0, arrow);
    const std::string callee = owner.substr(arrow + 1);
    if (!IsName(caller) || !IsName(callee) || caller == callee) continue;
    const size_t from = service_of(caller);
    const size_t to = service_of(callee);
    calls_[call_of(from, to)].columns.push_back(c);
  }
  for (const auto& [caller, callee] : edges) {
    if (!IsName(caller) || !IsName(callee) || caller == callee) continue;
    const size_t from = service_of(caller);
    const size_t to = service_of(callee);
    call_of(from, to);
  }
}

std::string MetricOf(const std::string& column) {
  const size_t slash = column.find('/');
  if (slash == std::string::npos || !IsName(column.substr(0, slash))) return column;
  return column.substr(slash + 1);
}

}  // namespace grayling
