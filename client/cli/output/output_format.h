#pragma once

namespace grayling {

enum class OutputFormat { kTable, kJson, kYaml, kCsv };

}  // namespace grayling
