#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

// A small shop for tests of localisation: one run of 100 rows in which every column wobbles by a
// few per cent around its level. Fixed seed.
class ShopRecording {
 public:
  static constexpr size_t kRows = 100;
  static constexpr size_t kStart = 80;  // row in which the fault starts

  explicit ShopRecording(double period_s = 60);

  ShopRecording& Column(const std::string& name, float level);
  ShopRecording& Edge(const std::string& caller, const std::string& callee);
  // Multiplies a column from kStart on.
  ShopRecording& During(const std::string& name, float factor);

  Dataset& dataset() { return dataset_; }
  Run& run() { return dataset_.runs.front(); }
  double start() const { return dataset_.runs.front().time[kStart]; }

 private:
  Dataset dataset_;
  unsigned columns_ = 0;
};

}  // namespace grayling
