#include "daemon/metrics/page_reader.h"

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
  PageLosses Read(absl::string_view page,
                  ExpositionFormat format = ExpositionFormat::kPrometheusText) {
    batch_.series.clear();
    batch_.values.clear();
    return *ReadPage(page, format, cache_, batch_);
  }

  MemorySampleStore store_;
  SeriesCache cache_{store_, {}};
  SampleBatch batch_;
};

TEST_F(PageReaderTest, MakesOneRowOfParallelColumns) {
  const PageLosses losses = Read("a 1\nb{x=\"y\"} 2\n");
  EXPECT_EQ(losses.malformed, 0u);
  EXPECT_THAT(batch_.values, ElementsAre(1, 2));
  EXPECT_EQ(*store_.Text(batch_.series[1]), "b{x=\"y\"}");
}

TEST_F(PageReaderTest, KeepsTheNewestStampOfARepeatedSeries) {
  const PageLosses losses = Read("a 7 2000\na 9 1000\nb 1 1000\nb 2 3000\n");
  EXPECT_THAT(batch_.values, ElementsAre(7, 2));
  EXPECT_EQ(losses.repeated, 2u);
}

TEST_F(PageReaderTest, KeepsTheLaterLineWhereARepeatHasNoStamp) {
  Read("a 1\na 2\n");
  EXPECT_THAT(batch_.values, ElementsAre(2));
}

TEST_F(PageReaderTest, CountsMalformedLinesAndShowsTheFirst) {
  const PageLosses losses = Read("a 1\nb\nc{x=\"1\",x=\"2\"} 1\n");
  EXPECT_EQ(losses.malformed, 2u);
  EXPECT_THAT(losses.first, HasSubstr("line 2"));
  EXPECT_THAT(batch_.values, ElementsAre(1));
}

TEST_F(PageReaderTest, ShowsForeignBytesAsReplacementCharacters) {
  EXPECT_THAT(Read("b\xff\n").first, HasSubstr("b\xef\xbf\xbd"));
  EXPECT_THAT(Read("c{\xff=\"1\",\xff=\"2\"} 1\n").first, Not(HasSubstr("\xff")));
  // The end of what is shown may lie within a character.
  EXPECT_THAT(Read(std::string(119, 'x') + "\xc3\xa9\n").first, EndsWith("x\xef\xbf\xbd"));
}

TEST_F(PageReaderTest, SaysThatAnOpenMetricsPageWithoutEofMayBeCut) {
  EXPECT_THAT(Read("a 1\n", ExpositionFormat::kOpenMetrics).first, HasSubstr("# EOF"));
  EXPECT_EQ(Read("a 1\n# EOF\n", ExpositionFormat::kOpenMetrics).malformed, 0u);
}

}  // namespace
}  // namespace grayling
