#pragma once

#include <cstdint>
#include <vector>

namespace grayling {

// Makes the times of one series strictly increasing; of samples with equal times the last stays.
// Quick when there is nothing to do.
void MakeIncreasing(std::vector<int64_t>& times_ms, std::vector<double>& values);

}  // namespace grayling
