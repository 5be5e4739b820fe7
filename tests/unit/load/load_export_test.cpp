#include "daemon/load/load_export.h"

#include <gmock/gmock.h>
#include <httplib.h>

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class FakeLoad final : public LoadGenerator {
 public:
  absl::Status Start(const LoadSettings&) override { return absl::OkStatus(); }
  absl::Status Stop() override { return absl::OkStatus(); }
  LoadStatistics Statistics() override { return statistics; }
  LoadSettings Settings() override {
    LoadSettings settings;
    settings.users = 7;
    return settings;
  }
  LatencyHistogram Latencies() override { return latencies; }

  void Answer(absl::Duration latency) {
    ++statistics.requests;
    latencies.Record(latency);
  }

  LoadStatistics statistics;
  LatencyHistogram latencies;
};

TEST(LoadExportTest, CountsOnFromLoadToLoad) {
  auto exporter = DaemonExporter::Open("127.0.0.1:0", "1");
  ASSERT_TRUE(exporter.ok()) << exporter.status();
  FakeLoad load;
  LoadExport load_export(load, **exporter);

  load.statistics.running = true;
  load.statistics.errors = 1;
  load.Answer(absl::Milliseconds(3));
  load.Answer(absl::Milliseconds(300));
  load_export.Export();
  load_export.Export();  // nothing new
  load.Answer(absl::Seconds(20));
  load_export.Export();
  // Another load, which has as many requests already, but others.
  load.statistics.requests = 0;
  load.latencies.Clear();
  for (int i = 0; i < 3; ++i) load.Answer(absl::Milliseconds(30));
  load_export.Export();

  httplib::Client client("127.0.0.1", (*exporter)->port());
  const auto answer = client.Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->body,
              AllOf(HasSubstr("grayling_load_requests_total 6"), HasSubstr("grayling_load_users 7"),
                    HasSubstr("grayling_load_running 1"),
                    HasSubstr("grayling_load_latency_seconds_count 6"),
                    HasSubstr("grayling_load_latency_seconds_bucket{le=\"0.005\"} 1"),
                    HasSubstr("grayling_load_latency_seconds_bucket{le=\"0.05\"} 4"),
                    HasSubstr("grayling_load_latency_seconds_bucket{le=\"0.5\"} 5"),
                    HasSubstr("grayling_load_latency_seconds_bucket{le=\"10\"} 5")));
}

TEST(LoadExportTest, AHistogramCountsUpToALimit) {
  LatencyHistogram histogram;
  for (const int ms : {1, 10, 100, 1000}) histogram.Record(absl::Milliseconds(ms));
  EXPECT_EQ(histogram.CountUpTo(absl::ZeroDuration()), 0);
  EXPECT_EQ(histogram.CountUpTo(absl::Milliseconds(50)), 2);
  EXPECT_EQ(histogram.CountUpTo(absl::Milliseconds(100)), 3);
  EXPECT_EQ(histogram.CountUpTo(absl::Hours(10)), 4);
}

}  // namespace
}  // namespace grayling
