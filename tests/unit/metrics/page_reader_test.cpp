#include "daemon/metrics/page_reader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class PageReaderTest : public ::testing::Test {
 protected:
  PageFigures Read(absl::string_view page,
                   ExpositionFormat format = ExpositionFormat::kPrometheusText) {
    batch_.time_ms = kNow + 1000 * pages_++;
    batch_.series.clear();
    batch_.values.clear();
    batch_.times_ms.clear();
    rules_.format = format;
    return *ReadPage(page, rules_, cache_, batch_);
  }
  // "series value [instant]" of each sample; "stale" for a marker.
  std::vector<std::string> Samples() {
    std::vector<std::string> samples;
    for (size_t i = 0; i < batch_.series.size(); ++i) {
      const std::string value =
          IsStale(batch_.values[i]) ? "stale" : absl::StrCat(batch_.values[i]);
      samples.push_back(absl::StrCat(
          *store_.Text(batch_.series[i]), " ", value, batch_.times_ms.empty() ? "" : " ",
          batch_.times_ms.empty() ? "" : absl::StrCat(batch_.TimeOf(i))));
    }
    return samples;
  }

  static constexpr int64_t kNow = 1'000'000;
  MemorySampleStore store_;
  SeriesCache cache_{store_, SeriesRewriter()};
  PageRules rules_;
  SampleBatch batch_;
  int pages_ = 0;
};

TEST_F(PageReaderTest, MakesOneRowOfParallelColumns) {
  const PageFigures figures = Read("a 1\nb{x=\"y\"} 2\n");
  EXPECT_EQ(figures.malformed, 0u);
  EXPECT_THAT(Samples(), ElementsAre("a 1", "b{x=\"y\"} 2"));
}

TEST_F(PageReaderTest, KeepsEveryStampOfASeries) {
  const PageFigures figures = Read("a 7 2000\nb 1\na 9 1000\n");
  EXPECT_THAT(Samples(), ElementsAre("a 7 2000", "b 1 1000000", "a 9 1000"));
  EXPECT_EQ(figures.stored, 3u);
}

TEST_F(PageReaderTest, TakesTheLaterLineOfTwoWithOneInstant) {
  EXPECT_EQ(Read("a 1\na 2\n").repeated, 1u);
  EXPECT_THAT(Samples(), ElementsAre("a 2"));
  EXPECT_EQ(Read("a 1 5000\na 2 5000\n").repeated, 1u);
  EXPECT_THAT(Samples(), ElementsAre("a 2 5000"));
}

TEST_F(PageReaderTest, DoesNotAppendAStampedSampleTwiceFromPageToPage) {
  Read("a 1 5000\n");
  EXPECT_EQ(Read("a 1 5000\n").repeated, 1u);
  EXPECT_THAT(Samples(), ElementsAre());
  Read("a 1 5000\na 1 6000\n");
  EXPECT_THAT(Samples(), ElementsAre("a 1 6000"));
}

TEST_F(PageReaderTest, AppendsALineWithoutStampAfterAStampedOneThatWasStoredBefore) {
  Read("a 7 5000\n");
  EXPECT_EQ(Read("a 7 5000\na 8\n").repeated, 1u);
  EXPECT_THAT(Samples(), ElementsAre("a 8"));
}

TEST_F(PageReaderTest, RefusesAStampFarAheadOfTheClock) {
  const PageFigures figures = Read("a 1 1600001\nb 1 1600000\n");
  EXPECT_THAT(Samples(), ElementsAre("b 1 1600000"));
  ASSERT_EQ(figures.first.size(), 1u);
  EXPECT_THAT(figures.first[0].reason, HasSubstr("ahead of this host's clock"));
}

TEST_F(PageReaderTest, KeepsTheNewestStampWhereStampsAreNotHonoured) {
  rules_.honor_timestamps = false;
  EXPECT_EQ(Read("a 7 2000\na 9 1000\nb 1 1000\nb 2 3000\n").repeated, 2u);
  EXPECT_THAT(Samples(), ElementsAre("a 7", "b 2"));
}

TEST_F(PageReaderTest, MarksTheSeriesThatAPageHasNoMore) {
  Read("a 1\nb 2\nc 3\n");
  EXPECT_EQ(Read("a 1\nc 3\n").stale, 1u);
  EXPECT_THAT(Samples(), ElementsAre("a 1", "c 3", "b stale"));
  EXPECT_EQ(Read("a 1\nc 3\n").stale, 0u);
}

TEST_F(PageReaderTest, DoesNotMarkASeriesThatIsOnlySpeltAnew) {
  Read("a{x=\"1\",y=\"2\"} 1\n");
  EXPECT_EQ(Read("a{y=\"2\",x=\"1\"} 1\n").stale, 0u);
}

TEST_F(PageReaderTest, MarksStampedSeriesOnlyWhenAskedTo) {
  Read("a 1 5000\n");
  EXPECT_EQ(Read("").stale, 0u);
  rules_.track_timestamps_staleness = true;
  Read("a 1 6000\n");
  EXPECT_EQ(Read("").stale, 1u);
}

TEST_F(PageReaderTest, MarksEverythingWhereThereIsNoPage) {
  Read("a 1\nb 2\n");
  batch_ = SampleBatch();
  EXPECT_EQ(EndSeries(cache_, batch_), 2u);
  EXPECT_THAT(Samples(), ElementsAre("a stale", "b stale"));
  EXPECT_EQ(EndSeries(cache_, batch_), 0u);
}

TEST_F(PageReaderTest, CountsWhatRelabellingDrops) {
  RelabelRule drop;
  drop.action = RelabelRule::Action::kDrop;
  drop.selector = R"({__name__="a"})";
  SeriesCache cache(store_, *SeriesRewriter::Of({{}, false, {drop}}));
  const PageFigures figures = *ReadPage("a 1\nb 1\n", rules_, cache, batch_);
  EXPECT_EQ(figures.samples, 2u);
  EXPECT_EQ(figures.dropped, 1u);
  EXPECT_THAT(Samples(), ElementsAre("b 1"));
}

TEST_F(PageReaderTest, CountsMalformedLinesAndShowsTheFirstWithTheirNumbers) {
  const PageFigures figures = Read("a 1\nb\nc{x=\"1\",x=\"2\"} 1\n");
  EXPECT_EQ(figures.malformed, 2u);
  ASSERT_EQ(figures.first.size(), 2u);
  EXPECT_EQ(figures.first[0].line, 2u);
  EXPECT_EQ(figures.first[0].text, "b");
  EXPECT_THAT(figures.first[1].reason, HasSubstr("given twice"));
  EXPECT_THAT(Samples(), ElementsAre("a 1"));
}

TEST_F(PageReaderTest, ShowsForeignBytesAsReplacementCharacters) {
  EXPECT_THAT(Read("b\xff\n").first[0].text, HasSubstr("b\xef\xbf\xbd"));
  EXPECT_THAT(Read("c{\xff=\"1\",\xff=\"2\"} 1\n").first[0].reason, Not(HasSubstr("\xff")));
  // The end of what is shown may lie within a character.
  EXPECT_THAT(Read(std::string(119, 'x') + "\xc3\xa9\n").first[0].text, EndsWith("x\xef\xbf\xbd"));
}

TEST_F(PageReaderTest, SaysThatAnOpenMetricsPageWithoutEofMayBeCut) {
  EXPECT_THAT(Read("a 1\n", ExpositionFormat::kOpenMetrics).first[0].reason, HasSubstr("# EOF"));
  EXPECT_EQ(Read("a 1\n# EOF\n", ExpositionFormat::kOpenMetrics).malformed, 0u);
}

}  // namespace
}  // namespace grayling
