#include "client/cli/output/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace grayling {
namespace {

std::string Shown(const std::string& cell) { return cell.empty() ? "-" : cell; }

void AppendPadded(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                  std::string& text) {
  for (size_t column = 0; column < cells.size(); ++column) {
    const std::string cell = Shown(cells[column]);
    text += cell;
    if (column + 1 < cells.size()) text.append(widths[column] + 2 - cell.size(), ' ');
  }
  text += '\n';
}

}  // namespace

std::string RenderTable(const Table& table) {
  std::vector<size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(column.size());
  for (const auto& row : table.rows) {
    for (size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], Shown(row[column]).size());
    }
  }
  std::string text;
  for (const std::string& line : table.summary) absl::StrAppend(&text, line, "\n");
  if (table.columns.empty()) return text;
  AppendPadded(table.columns, widths, text);
  for (const auto& row : table.rows) AppendPadded(row, widths, text);
  return text;
}

std::string RenderCsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (size_t column = 0; column < cells.size(); ++column) {
    const std::string& cell = cells[column];
    if (column > 0) line += ',';
    if (cell.find_first_of(",\"\r\n") == std::string::npos) {
      line += cell;
    } else {
      absl::StrAppend(&line, "\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
    }
  }
  return line + "\n";
}

std::string RenderCsv(const Table& table) {
  std::string text = RenderCsvLine(table.columns);
  for (const auto& row : table.rows) text += RenderCsvLine(row);
  return text;
}

}  // namespace grayling
