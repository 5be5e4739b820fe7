#include <gtest/gtest.h>

#include "ml/core/alignment.h"
#include "ml/core/edges.h"

namespace grayling {
namespace {

using Kind = ColumnRule::Kind;

void ExpectColumn(absl::string_view series, Kind kind, const std::string& column) {
  const ColumnRule rule = ColumnOf(series);
  EXPECT_EQ(rule.kind, kind) << series;
  EXPECT_EQ(rule.column, column);
}

TEST(ColumnRule, AGaugeOfAContainerIsNamedServiceSlashMetric) {
  ExpectColumn(R"(gala_gopher_container_memory_bytes{container_name="visits-service"})",
               Kind::kGauge, "visits-service/gala_gopher_container_memory_bytes");
}

TEST(ColumnRule, TheContainerNameGoesBeforeTheServiceLabel) {
  ExpectColumn(R"(load{container_name="/a",service="b"})", Kind::kGauge, "a/load{service=b}");
  ExpectColumn(R"(load{service="b"})", Kind::kGauge, "b/load");
}

TEST(ColumnRule, AServiceWithAnUpstreamIsAnEdge) {
  ExpectColumn(R"(tcp_srtt{container_name="api-gateway",upstream="vets-service"})", Kind::kGauge,
               "api-gateway>vets-service/tcp_srtt");
}

TEST(ColumnRule, ACounterBecomesARate) {
  ExpectColumn("client_requests_total", Kind::kCounter, "client_requests_rate");
}

TEST(ColumnRule, AQuantileBecomesPartOfTheMetric) {
  ExpectColumn(R"(client_latency_seconds{quantile="0.99"})", Kind::kGauge,
               "client_latency_seconds{quantile=0.99}");
}

TEST(ColumnRule, HistogramPartsShareOneName) {
  ExpectColumn(R"(http_server_requests_seconds_sum{route="/api/owners",service="customers"})",
               Kind::kHistogramSum, "customers/http_server_requests_seconds{route=_api_owners}");
  ExpectColumn(R"(http_server_requests_seconds_count{route="/api/owners",service="customers"})",
               Kind::kHistogramCount, "customers/http_server_requests_seconds{route=_api_owners}");
}

TEST(ColumnRule, IdentitiesAndAddressesLeaveNoTrace) {
  ExpectColumn(
      R"(m{client_ip="10.0.0.9",container_id="f00",container_name="a",instance="h:9100",job="lab",)"
      R"(machine_id="u",role="client",server_port="80",target="probe"})",
      Kind::kGauge, "a/m{role=client}");
}

TEST(ColumnRule, EscapedLabelValuesAreUnderstood) {
  ExpectColumn(R"(m{a="x\"y,z\\",b="2"})", Kind::kGauge, "m{a=x_y_z_;b=2}");
}

TEST(ColumnRule, ASlashInAServiceNameCannotPassForTheColumnSeparator) {
  ExpectColumn(R"(m{service="team/web>x"})", Kind::kGauge, "team_web_x/m");
}

TEST(ColumnRule, BucketsInfosClocksBookkeepingAndPassingDevicesAreIgnored) {
  for (const char* series :
       {R"(x_seconds_bucket{le="1"})", R"(gala_gopher_tcp_link_srtt{container_name="a",le="1000"})",
        "build_info", "scrape_duration_seconds", R"(up{job="lab"})", "node_time_seconds",
        "process_start_time_seconds", "go_goroutines", "requests_created",
        "grayling_probe_cpu_seconds_total",
        R"(grayling_fault_active{kind="cpu.load",service="vets-service"})",
        R"(grayling_campaign_phase{phase="during"})",
        R"(node_network_receive_bytes_total{device="veth1f2e3d4"})"}) {
    EXPECT_EQ(ColumnOf(series).kind, Kind::kIgnored) << series;
  }
}

TEST(Edges, ComeFromArrowsBeforeTheSlashOnceEach) {
  const std::vector<std::string> columns = {"gw>vets/a", "gw/b", "gw>vets/c",
                                            "vets>db/a", "x>y",  "plain/a>b"};
  const std::vector<std::pair<std::string, std::string>> edges = {{"gw", "vets"}, {"vets", "db"}};
  EXPECT_EQ(EdgesOf(columns), edges);
}

}  // namespace
}  // namespace grayling
