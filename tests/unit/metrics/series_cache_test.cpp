#include "daemon/metrics/series_cache.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

class SeriesCacheTest : public ::testing::Test {
 protected:
  SeriesCache::Entry* Find(const std::string& name, const std::string& labels) {
    series_ = labels.empty() ? name : absl::StrCat(name, "{", labels, "}");
    name_ = name;
    labels_ = labels;
    ExpositionSample sample;
    sample.series = series_;
    sample.name = name_;
    sample.labels = labels_;
    SeriesCache::Entry* const entry = cache_.Find(sample);
    entry->scrape = cache_.scrape();
    return entry;
  }

  MemorySampleStore store_;
  SeriesCache cache_{store_, *SeriesRewriter::Of({{{"zone", "z"}}, false, {}})};
  std::string series_, name_, labels_;
};

TEST_F(SeriesCacheTest, InternsTheCanonicalTextOnFirstSight) {
  cache_.BeginScrape();
  const SeriesCache::Entry* entry = Find("m", "b=\"2\",a=\"1\"");
  EXPECT_EQ(entry->kind, SeriesCache::Kind::kStored);
  EXPECT_EQ(*store_.Text(entry->id), "m{a=\"1\",b=\"2\",zone=\"z\"}");
}

TEST_F(SeriesCacheTest, AsksTheStoreOncePerSpellingInAnyOrder) {
  cache_.BeginScrape();
  const SeriesId a = Find("a", "")->id;
  const SeriesId b = Find("b", "")->id;
  cache_.BeginScrape();
  EXPECT_EQ(Find("b", "")->id, b);
  EXPECT_EQ(Find("a", "")->id, a);
  EXPECT_EQ(Find("b", "")->id, b);
  EXPECT_EQ(store_.interned(), 2u);
}

TEST_F(SeriesCacheTest, GivesTwoSpellingsOfOneSeriesTheSameId) {
  cache_.BeginScrape();
  const SeriesId one = Find("m", "a=\"1\",b=\"2\"")->id;
  EXPECT_EQ(Find("m", "b=\"2\",a=\"1\"")->id, one);
}

TEST_F(SeriesCacheTest, RemembersThatALineMakesNoSeries) {
  cache_.BeginScrape();
  EXPECT_EQ(Find("m", "a=\"1\",a=\"2\"")->kind, SeriesCache::Kind::kInvalid);
  EXPECT_NE(cache_.ReasonOf(*Find("m", "a=\"1\",a=\"2\"")), "");
  EXPECT_EQ(store_.interned(), 0u);
}

TEST_F(SeriesCacheTest, ForgetsSeriesThatAreSeenNoMore) {
  for (int scrape = 0; scrape < 100; ++scrape) {
    cache_.BeginScrape();
    const SeriesId kept = Find("m", "pid=\"init\"")->id;
    for (int i = 0; i < 100; ++i) Find("m", absl::StrCat("pid=\"", scrape, "-", i, "\""));
    cache_.EndScrape();
    EXPECT_EQ(kept, 0u);
  }
  EXPECT_LT(cache_.size(), 2000u);
}

TEST_F(SeriesCacheTest, ExpectsTheOrderOfThePageBeforeAlsoWhereSeriesWereAdded) {
  cache_.BeginScrape();
  Find("a", "");
  Find("c", "");
  cache_.BeginScrape();
  EXPECT_EQ(cache_.expected(), "a");
  Find("a", "");
  EXPECT_EQ(cache_.expected(), "c");
  Find("b", "");
  Find("c", "");
  cache_.BeginScrape();
  Find("a", "");
  EXPECT_EQ(cache_.expected(), "b");
  Find("b", "");
  EXPECT_EQ(cache_.expected(), "c");
}

}  // namespace
}  // namespace grayling
