#pragma once

#include <string>
#include <vector>

namespace grayling {

// What a command shows to people, and to programs as CSV. An empty cell is a missing value.
struct Table {
  std::vector<std::string> summary;  // lines above the table; not in CSV
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // each as long as `columns`
};

// Columns padded to their widest cell (bytes), two spaces apart; "-" for a missing value.
std::string RenderTable(const Table& table);

// RFC 4180, with a header line; lines end with \n.
std::string RenderCsv(const Table& table);
std::string RenderCsvLine(const std::vector<std::string>& cells);

}  // namespace grayling
