#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

namespace grayling {
namespace {

Table ScrapeTargetTable() {
  Table table;
  table.columns = {"NAME", "URL", "PERIOD", "UP", "SAMPLES", "LAST_SCRAPE", "LABELS", "LAST_ERROR"};
  return table;
}

void AddRow(const v1::ScrapeTarget& target, Table& table) {
  const std::map<std::string, std::string> labels(target.labels().begin(), target.labels().end());
  table.rows.push_back({target.name(), target.url(), Cell(target.period()), Cell(target.up()),
                        absl::StrCat(target.last_samples()), Cell(target.last_scrape_time()),
                        absl::StrJoin(labels, " ", absl::PairFormatter("=")), target.last_error()});
}

}  // namespace

Table TableOf(const v1::ScrapeTarget& target) {
  Table table = ScrapeTargetTable();
  AddRow(target, table);
  return table;
}

Table TableOf(const v1::ListScrapeTargetsResponse& list) {
  Table table = ScrapeTargetTable();
  for (const v1::ScrapeTarget& target : list.scrape_targets()) AddRow(target, table);
  return table;
}

Table TableOf(const v1::QueryRangeResponse& response) {
  Table table;
  table.columns = {"TIME", "SERIES", "VALUE"};
  const auto add = [&table](int64_t time_ms, const std::string& series, double value) {
    table.rows.push_back({absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::FromUnixMillis(time_ms),
                                           absl::UTCTimeZone()),
                          series, ExactCell(value)});
  };
  for (const v1::Point& point : response.points()) {
    add(point.time_ms(), point.series(), point.value());
  }
  for (const v1::SeriesSamples& samples : response.series()) {
    for (int i = 0; i < std::min(samples.times_ms_size(), samples.values_size()); ++i) {
      add(samples.times_ms(i), samples.series(), samples.values(i));
    }
  }
  return table;
}

Table TableOf(const v1::ListSeriesResponse& list) {
  Table table;
  table.columns = {"SERIES"};
  for (const std::string& series : list.series()) table.rows.push_back({series});
  return table;
}

}  // namespace grayling
