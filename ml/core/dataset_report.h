#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "ml/core/dataset.h"

namespace grayling {

struct RunReport {
  std::string id;
  std::string group;
  std::string split;
  std::string entity;
  size_t rows = 0;
  double start = 0;  // first and last row, Unix seconds; 0 without rows
  double end = 0;
  size_t windows = 0;
  size_t windows_outside = 0;  // that touch no row
  size_t fault_rows = 0;       // rows inside a window
  double missing_share = 0;    // of the cells of the columns that the run has at all; 0 to 1
  size_t gaps = 0;             // steps longer than 1.5 periods
  double longest_gap_s = 0;    // 0: none
};

// What a data set holds and what of it is of no use.
struct DatasetReport {
  std::vector<RunReport> runs;
  // One value wherever it is not missing, over all runs.
  std::vector<std::string> constant_columns;
  // Missing everywhere.
  std::vector<std::string> empty_columns;
  // Columns that are equal in every row of every run, missing cells too; without constant and empty
  // ones. Each list has two members or more, in the order of the columns.
  std::vector<std::vector<std::string>> duplicate_columns;
  // Columns missing throughout some runs but not all, and in how many.
  std::vector<std::pair<std::string, size_t>> partial_columns;
  // Sentences about what the reader should know before trusting the labels or the period.
  std::vector<std::string> warnings;
};

// One pass over the values; duplicates are found by a hash and then proved cell by cell. Pure.
DatasetReport ReportOn(const Dataset& dataset);

}  // namespace grayling
