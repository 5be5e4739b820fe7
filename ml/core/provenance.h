#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace grayling {

// Where a model comes from: enough to fit it again and to know what it was judged by.
struct Provenance {
  std::string dataset;              // its name
  std::string dataset_hash;         // HashDirectory of its folder; empty: not from a folder
  std::vector<std::string> groups;  // that were trained on
  int64_t runs = 0;                 // that were trained on, and their rows and fault windows
  int64_t rows = 0;
  int64_t events = 0;
  uint64_t seed = 0;
  std::string architecture;  // for people: "lstm 32"
  std::string loss;
  int64_t created_s = 0;  // Unix seconds
  std::string program;    // and version that wrote the file
  // Out-of-fold metrics of the training groups: name ("pr_auc"), value. NaN: not defined.
  std::vector<std::pair<std::string, double>> metrics;
};

}  // namespace grayling
