#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ml/core/dataset.h"

namespace grayling {

// Writes one run as ReadCsv reads it: CRLF line ends, shortest digits that read back equal, empty
// cells for NaN. A path that ends in .gz is compressed. The file appears under its name only when
// it is complete. `values` is time.size() x columns.size().
absl::Status WriteCsv(const std::string& path, const std::vector<std::string>& columns,
                      const std::vector<double>& time, const Matrix& values);

}  // namespace grayling
