#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "ml/core/dataset_report.h"
#include "ml/core/describe.h"

namespace grayling {

// What the data set holds: runs, rows, windows, missing cells, columns of no use, warnings. Long
// lists of columns are cut to `top` names.
std::string FormatReport(const Dataset& dataset, const DatasetReport& report, int top);

// One ranked table per fault kind with its `top` columns.
std::string FormatDescription(const Description& description, int top);

// Everything; all columns where `top` is 0. Undefined numbers are null.
nlohmann::ordered_json ToJson(const DatasetReport& report);
nlohmann::ordered_json ToJson(const Description& description, int top);

}  // namespace grayling
