#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

// Normal noise around `mean`, the same for one seed.
std::vector<float> NoisySeries(int rows, double mean, double deviation, uint64_t seed);

// A run with one column per series, all of one length, a row every second from 0.
Run RunOf(const std::string& id, const std::vector<std::vector<float>>& series);

LabelWindow FaultWindow(double start, double end, const std::string& label = "cpu.stress");

}  // namespace grayling
