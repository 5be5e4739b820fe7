#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/campaign/plan.h"

namespace grayling {

// One state of the experiment's matrix. Names only tell cells apart.
struct ExperimentCell {
  std::string kind;
  std::string service;
  std::string intensity;
  std::string load;
  int budget = 1;   // windows that it is to have
  int covered = 0;  // windows that earlier campaigns gave it; counts in round-robin-budget only
};

// One window of a cell, and which of the plan's repetitions it belongs to (from 0).
struct CellVisit {
  size_t cell = 0;
  int repetition = 0;
  bool operator==(const CellVisit&) const = default;
};

// The order in which cells get their windows. Pure, and the same on every machine.
//
// Sequential and random go through one repetition after the other; a cell whose budget is not
// `repetitions` has its windows spread over them. Random shuffles within each repetition.
//
// Round-robin-budget follows bsrr of Legolas (Wu, Pan, Huang, NSDI 2024), which gives each abstract
// state a budget of injections and rotates over those that have some left. Here a state is a cell,
// and the next window always goes to the cell with the fewest windows, earlier campaigns included,
// so that rare cells come first and a campaign that is cut short leaves no two cells with budget
// left more than one window apart (once the rare ones have caught up). Among equals the kind, then
// the service, the load and the intensity with the fewest windows wins, so that classes stay
// balanced within a round too; the seed decides the rest. A cell that was covered c times goes on
// with repetition c.
std::vector<CellVisit> OrderCells(const std::vector<ExperimentCell>& cells, WindowOrder order,
                                  uint64_t seed, int repetitions);

}  // namespace grayling
