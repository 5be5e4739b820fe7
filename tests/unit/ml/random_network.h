#pragma once

#include <random>

#include "ml/core/network_weights.h"

namespace grayling {

// Normal values of the given deviation.
Matrix RandomMatrix(std::mt19937& random, Eigen::Index rows, Eigen::Index columns, float spread);

// A network of random weights, as large as trained ones are.
NetworkWeights RandomNetwork(std::mt19937& random, Architecture architecture, int inputs,
                             int hidden, int layers, int taps);

}  // namespace grayling
