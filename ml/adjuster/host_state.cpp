#include "ml/adjuster/host_state.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ml/core/rolling_median.h"

namespace grayling {
namespace {

constexpr absl::string_view kResourceWords[] = {
    "cpu",  "mem", "swap",    "disk",     "fs_",     "io_",     "_io",  "iowait", "irq",   "net",
    "load", "psi", "context", "pressure", "syscall", "throttl", "page", "steal",  "blkio", "node_"};
constexpr absl::string_view kRequestWords[] = {"latency",   "duration", "request",  "error",
                                               "success",   "response", "workload", "client_",
                                               "seconds_p", "hikari",   "http"};

bool MatchesPattern(absl::string_view text, absl::string_view pattern) {
  const std::vector<absl::string_view> parts = absl::StrSplit(pattern, '*');
  if (parts.size() == 1) return text == pattern;
  if (!absl::ConsumePrefix(&text, parts.front())) return false;
  if (!absl::ConsumeSuffix(&text, parts.back())) return false;
  for (size_t i = 1; i + 1 < parts.size(); ++i) {
    const size_t at = text.find(parts[i]);
    if (at == absl::string_view::npos) return false;
    text.remove_prefix(at + parts[i].size());
  }
  return true;
}

bool SpeaksOfAResource(absl::string_view column) {
  const size_t slash = column.find('/');
  const std::string metric =
      absl::AsciiStrToLower(slash == absl::string_view::npos ? column : column.substr(slash + 1));
  const auto contains = [&](absl::string_view word) { return absl::StrContains(metric, word); };
  return std::any_of(std::begin(kResourceWords), std::end(kResourceWords), contains) &&
         std::none_of(std::begin(kRequestWords), std::end(kRequestWords), contains);
}

}  // namespace

absl::StatusOr<std::vector<size_t>> HostColumns(absl::Span<const std::string> columns, size_t kpi,
                                                absl::string_view wanted) {
  const auto allowed = [&](size_t i) { return i != kpi && !absl::StrContains(columns[i], '#'); };
  std::vector<size_t> chosen;
  if (wanted == "auto") {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (allowed(i) && SpeaksOfAResource(columns[i])) chosen.push_back(i);
    }
    if (!chosen.empty()) return chosen;
    return absl::InvalidArgumentError(
        "no column's name tells that it is host state (cpu, memory, disk, network, ...); name the "
        "columns yourself, '*' stands for any characters");
  }
  for (const absl::string_view part : absl::StrSplit(wanted, ',', absl::SkipWhitespace())) {
    const absl::string_view pattern = absl::StripAsciiWhitespace(part);
    const size_t before = chosen.size();
    bool known = false;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!allowed(i) || !MatchesPattern(columns[i], pattern)) continue;
      known = true;
      if (std::count(chosen.begin(), chosen.end(), i) == 0) chosen.push_back(i);
    }
    if (chosen.size() == before && !known) {
      return absl::InvalidArgumentError(absl::StrCat("no host column matches \"", pattern,
                                                     "\" (the KPI itself never counts as one)"));
    }
  }
  if (chosen.empty()) return absl::InvalidArgumentError("the list of host columns is empty");
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

Matrix HostState(const Run& run, absl::Span<const size_t> columns, int window) {
  constexpr double kQuartiles[] = {0.25, 0.5, 0.75};
  Matrix state(run.values.rows(), static_cast<Eigen::Index>(3 * columns.size()));
  for (size_t i = 0; i < columns.size(); ++i) {
    RollingMedian rolling(window);
    const auto column = static_cast<Eigen::Index>(columns[i]);
    for (Eigen::Index row = 0; row < run.values.rows(); ++row) {
      rolling.Add(run.values(row, column));
      for (size_t q = 0; q < 3; ++q) {
        state(row, static_cast<Eigen::Index>(3 * i + q)) = rolling.quantile(kQuartiles[q]);
      }
    }
  }
  return state;
}

}  // namespace grayling
