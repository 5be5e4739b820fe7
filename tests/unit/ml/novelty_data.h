#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

// "c0", "c1" ...
std::vector<std::string> NumberedColumns(Eigen::Index count);

// A run of `rows` x `columns` whose columns follow two shared, slowly wandering loads and noise of
// their own, each with a unit of its own. The same seed gives the same rows; `structure` chooses
// how the columns follow the loads.
Run LoadedRun(const std::string& id, Eigen::Index rows, Eigen::Index columns, uint64_t seed,
              uint64_t structure = 1);

}  // namespace grayling
