#include "absl/strings/str_cat.h"
#include "client/cli/output/cells.h"
#include "client/cli/output/tables.h"

namespace grayling {
namespace {

// "35 users", or "200/s" of an open loop.
std::string ClientsOf(const v1::LoadSpec& spec) {
  if (spec.rate() > 0) return absl::StrCat(Cell(spec.rate()), "/s");
  return absl::StrCat(spec.users(), spec.users() == 1 ? " user" : " users");
}

}  // namespace

Table TableOf(const v1::Load& load) {
  Table table;
  table.columns = {"RUNNING", "URL",  "CLIENTS", "REQUESTS", "ERRORS",
                   "LATE",    "RATE", "P50_MS",  "P95_MS",   "P99_MS"};
  table.rows.push_back({Cell(load.running()), load.spec().base_url(), ClientsOf(load.spec()),
                        absl::StrCat(load.requests()), absl::StrCat(load.errors()),
                        absl::StrCat(load.late()), Cell(load.requests_per_second()),
                        Cell(load.p50_ms()), Cell(load.p95_ms()), Cell(load.p99_ms())});
  return table;
}

Table TableOf(const v1::CalibrateLoadResponse& point) {
  Table table;
  table.columns = {"USERS", "GOOD_PER_S", "ERRORS_PERCENT", "P95_MS", "BROKEN"};
  table.rows.push_back({absl::StrCat(point.users()), Cell(point.requests_per_second()),
                        Cell(point.error_percent()), Cell(point.p95_ms()), point.broken()});
  return table;
}

}  // namespace grayling
