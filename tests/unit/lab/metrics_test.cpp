#include "deploy/lab/application/metrics.h"

#include "gmock/gmock.h"

namespace grayling::lab {
namespace {

using testing::HasSubstr;

TEST(MetricsTest, WritesPrometheusTextFormat) {
  Registry registry;
  registry.Counter("errors_total", "route=\"/a\"").Add(3);
  registry.Counter("errors_total", "route=\"/b\"");
  registry.Gauge("open", "").Set(1);

  EXPECT_EQ(registry.Render(),
            "# TYPE errors_total counter\n"
            "errors_total{route=\"/a\"} 3\n"
            "errors_total{route=\"/b\"} 0\n"
            "# TYPE open gauge\n"
            "open 1\n");
}

TEST(MetricsTest, CountsABucketUpToAndIncludingItsBound) {
  Registry registry;
  Histogram& histogram = registry.LatencyHistogram("latency", "route=\"/a\"");
  histogram.Observe(0.002);
  histogram.Observe(0.0021);
  histogram.Observe(60);

  const std::string text = registry.Render();

  EXPECT_THAT(text, HasSubstr("latency_bucket{route=\"/a\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("latency_bucket{route=\"/a\",le=\"0.002\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("latency_bucket{route=\"/a\",le=\"0.005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("latency_bucket{route=\"/a\",le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("latency_bucket{route=\"/a\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("latency_sum{route=\"/a\"} 60.0041\n"));
  EXPECT_THAT(text, HasSubstr("latency_count{route=\"/a\"} 3\n"));
}

TEST(MetricsTest, KeepsSmallGainsOfALargeCounterVisible) {
  Registry registry;
  registry.Counter("a", "").Add(1'234'567);
  registry.Counter("a", "").Add(0.25);
  EXPECT_THAT(registry.Render(), HasSubstr("a 1234567.25\n"));
}

TEST(MetricsTest, GivesTheSameMetricForTheSameNameAndLabel) {
  Registry registry;
  EXPECT_EQ(&registry.Counter("a", "x=\"1\""), &registry.Counter("a", "x=\"1\""));
  EXPECT_NE(&registry.Counter("a", "x=\"1\""), &registry.Counter("a", "x=\"2\""));
}

}  // namespace
}  // namespace grayling::lab
