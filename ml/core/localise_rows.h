#pragma once

#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

// How much of a run is looked at around the start of a fault. Times are turned into rows by the
// data set's period and kept between a least and a most number of rows, so that the same settings
// serve a row a second and a row every five minutes.
struct LocaliseSettings {
  double reference_s = 3600;  // before the start
  int least_reference_rows = 60;
  int most_reference_rows = 600;
  double fault_s = 240;  // from the start on
  int least_fault_rows = 4;
  int most_fault_rows = 240;
  int recovery_rows = 2;  // left out after an earlier fault
};

// The rows that a localisation compares.
struct LocaliseRows {
  std::vector<size_t> reference;  // ascending, all before the start; may be empty
  size_t begin = 0;               // the fault's rows are [begin, end); may be empty
  size_t end = 0;
};

// The last rows before `start` outside earlier faults of the run and their recovery (when those
// leave fewer than three: the last rows whatever they are), and the first rows from `start` on,
// cut where the next fault starts, if that leaves the least number of rows. Of run.windows only
// starts, and ends of earlier faults, are read. Rows after the fault's own are never looked at, so
// an answer can be had that soon in live use.
LocaliseRows RowsAround(const Run& run, double start, double period_s,
                        const LocaliseSettings& settings);

}  // namespace grayling
