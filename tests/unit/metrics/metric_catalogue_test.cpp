#include "daemon/metrics/metric_catalogue.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

#include "absl/strings/match.h"

namespace grayling {
namespace {

using ::testing::Each;
using ::testing::Gt;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(MetricCatalogueTest, EveryMetricCanBeFoundAndIsThereOnce) {
  ASSERT_GT(MetricCatalogue().size(), 80);
  for (const CatalogueEntry& entry : MetricCatalogue()) {
    EXPECT_EQ(FindMetric(entry.name), &entry) << entry.name;
  }
  EXPECT_EQ(FindMetric("node_uname_info"), nullptr);
  EXPECT_EQ(FindMetric(""), nullptr);
}

TEST(MetricCatalogueTest, EveryGroupHasMetricsAndAName) {
  std::map<std::string, int> counts;
  for (const CatalogueEntry& entry : MetricCatalogue()) {
    ++counts[std::string(NameOf(entry.group))];
    EXPECT_EQ(FindMetricGroup(NameOf(entry.group)), entry.group);
  }
  EXPECT_THAT(counts, SizeIs(9));
  EXPECT_THAT(counts, Each(Pair(testing::_, Gt(3))));
  EXPECT_EQ(FindMetricGroup("weather"), std::nullopt);
}

TEST(MetricCatalogueTest, EveryEntryIsWholeAndItsReasonIsASentence) {
  const std::regex name("[a-z][a-zA-Z0-9_]*");
  for (const CatalogueEntry& entry : MetricCatalogue()) {
    EXPECT_TRUE(std::regex_match(std::string(entry.name), name)) << entry.name;
    EXPECT_FALSE(entry.unit.empty()) << entry.name;
    EXPECT_FALSE(entry.meaning.empty()) << entry.name;
    ASSERT_FALSE(entry.reason.empty()) << entry.name;
    EXPECT_EQ(entry.reason.back(), '.') << entry.name;
  }
}

TEST(MetricCatalogueTest, ATotalIsACounterAndOnlyGalaGopherReportsDeltas) {
  for (const CatalogueEntry& entry : MetricCatalogue()) {
    if (absl::EndsWith(entry.name, "_total")) {
      EXPECT_EQ(NameOf(entry.kind), "counter") << entry.name;
    }
    if (entry.kind == MetricKind::kDelta) {
      EXPECT_TRUE(absl::StartsWith(entry.name, "gala_gopher_")) << entry.name;
    }
  }
}

TEST(MetricCatalogueTest, KnowsEveryFamilyOfTheProbe) {
  const std::string folder = std::string(GRAYLING_SOURCE_DIR) + "/probe/exporter/";
  const std::regex family("\"(grayling_[a-z_]+)\"");
  int found = 0;
  for (const char* file :
       {"exporter.cpp", "node_watch.cpp", "container_sample.h", "container_watch.cpp"}) {
    std::ifstream source(folder + file);
    ASSERT_TRUE(source) << file;
    const std::string text{std::istreambuf_iterator<char>(source), {}};
    for (std::sregex_iterator name(text.begin(), text.end(), family), end; name != end; ++name) {
      ++found;
      EXPECT_NE(FindMetric((*name)[1].str()), nullptr) << (*name)[1].str();
    }
  }
  EXPECT_GT(found, 25);
}

}  // namespace
}  // namespace grayling
