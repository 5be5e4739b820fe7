#include "ml/core/edges.h"

#include <algorithm>

namespace grayling {

std::vector<std::pair<std::string, std::string>> EdgesOf(absl::Span<const std::string> columns) {
  std::vector<std::pair<std::string, std::string>> edges;
  for (const std::string& column : columns) {
    const size_t slash = column.find('/');
    const size_t arrow = column.find('>');
    if (slash == std::string::npos || arrow == std::string::npos || arrow > slash) continue;
    std::pair edge(column.substr(0, arrow), column.substr(arrow + 1, slash - arrow - 1));
    if (std::find(edges.begin(), edges.end(), edge) == edges.end())
      edges.push_back(std::move(edge));
  }
  return edges;
}

}  // namespace grayling
