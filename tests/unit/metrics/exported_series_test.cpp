#include "daemon/metrics/exported_series.h"

#include <limits>

#include "daemon/metrics/sample_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ExportedSeriesTest, ReadsALineAsVictoriaMetricsWritesIt) {
  ExportedSeries series;
  series.values = {99};  // what was there before is replaced
  ASSERT_TRUE(ReadExportedSeries(R"({"metric":{"__name__":"m","b":"2","a":"x}\"\\"},)"
                                 R"("values":[1.5,-0.25,1e300],"timestamps":[1,2,1795933098276]})",
                                 series)
                  .ok());
  EXPECT_EQ(series.text, R"(m{a="x}\"\\",b="2"})");
  EXPECT_THAT(series.values, ElementsAre(1.5, -0.25, 1e300));
  EXPECT_THAT(series.times_ms, ElementsAre(1, 2, 1795933098276));
}

TEST(ExportedSeriesTest, ReadsWhatIsNoJson) {
  ExportedSeries series;
  ASSERT_TRUE(ReadExportedSeries(R"({"metric":{"__name__":"m"},"values":[NaN,null,+Inf,-Inf,)"
                                 R"("Infinity","-Infinity"],"timestamps":[1,2,3,4,5,6]})",
                                 series)
                  .ok());
  EXPECT_TRUE(IsStale(series.values[0]));
  EXPECT_TRUE(IsStale(series.values[1]));
  series.values.erase(series.values.begin(), series.values.begin() + 2);
  EXPECT_THAT(series.values, ElementsAre(kInfinity, -kInfinity, kInfinity, -kInfinity));
}

TEST(ExportedSeriesTest, WritesANameThatIsNoIdentifierInQuotes) {
  ExportedSeries series;
  ASSERT_TRUE(
      ReadExportedSeries(
          R"({"metric":{"__name__":"the.name","a.b":"x"},"values":[],"timestamps":[]})", series)
          .ok());
  EXPECT_EQ(series.text, R"({"the.name","a.b"="x"})");
}

TEST(ExportedSeriesTest, RefusesADamagedLine) {
  ExportedSeries series;
  for (const char* line : {"", "{}", R"({"metric":{"__name__":"m"})",
                           R"({"metric":{"a":1},"values":[],"timestamps":[]})",
                           R"({"metric":{"__name__":"m"},"values":[1,2],"timestamps":[1]})",
                           R"({"metric":{"__name__":"m"},"values":[one],"timestamps":[1]})",
                           R"({"metric":{"__name__":"m"},"values":[1)"}) {
    EXPECT_EQ(ReadExportedSeries(line, series).code(), absl::StatusCode::kDataLoss) << line;
  }
}

}  // namespace
}  // namespace grayling
