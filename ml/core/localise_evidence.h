#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "ml/core/call_graph.h"
#include "ml/core/localise_deviation.h"

namespace grayling {

// What one family of signals says about every service, before and after the victims are excused.
struct Family {
  std::vector<double> raw;       // per service; NaN: it has no measured column of this family
  std::vector<double> excused;   // the same without what its callees explain
  std::vector<double> evidence;  // excused, times its share among the services
};

// How each call moved: the largest rise of its latency or error columns (of any column, where no
// call has one of these). NaN: not measured.
std::vector<double> CallMoves(const CallGraph& graph, absl::Span<const std::string> columns,
                              absl::Span<const Deviation> deviations);

// A service's own columns by family (localise_signal.h), victims excused and shares taken.
std::map<std::string, Family> OwnFamilies(const CallGraph& graph,
                                          absl::Span<const std::string> columns,
                                          absl::Span<const Deviation> deviations,
                                          absl::Span<const double> call_moves);

// Per service the mean move of the calls to it, shares taken.
Family CallersView(const CallGraph& graph, absl::Span<const double> call_moves);

// Sets `evidence` from `excused`: x * x^2 / (sum of x^2 + 0.25 for each service short of three).
void TakeShares(Family& family);

// How much a column moved in its bad direction: latency and errors upward, success downward,
// anything else either way.
double BadMove(absl::string_view metric, const Deviation& deviation);

}  // namespace grayling
