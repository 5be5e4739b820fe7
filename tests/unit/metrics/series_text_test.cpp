#include "daemon/metrics/series_text.h"

#include "gtest/gtest.h"

namespace grayling {
namespace {

std::string Canonical(absl::string_view name, absl::string_view block,
                      const std::map<std::string, std::string>& target = {}) {
  const auto text = CanonicalSeries(name, block, target);
  return text.ok() ? *text : std::string(text.status().message());
}

TEST(CanonicalSeries, SortsLabelsAndDropsEmptyOnes) {
  EXPECT_EQ(Canonical("m", "b=\"2\",c=\"\",a=\"1\""), "m{a=\"1\",b=\"2\"}");
  EXPECT_EQ(Canonical("m", ""), "m");
  EXPECT_EQ(Canonical("m", "c=\"\""), "m");
}

TEST(CanonicalSeries, WritesEscapesInOneWay) {
  EXPECT_EQ(Canonical("m", "a=\"\\d \\\\d\""), "m{a=\"\\\\d \\\\d\"}");
  EXPECT_EQ(Canonical("m", "a=\"x \"y\" z\""), "m{a=\"x \\\"y\\\" z\"}");
}

TEST(CanonicalSeries, AddsTheTargetsLabelsAndKeepsAClashAsExported) {
  EXPECT_EQ(Canonical("m", "job=\"a\"", {{"job", "t"}, {"zone", "z"}}),
            "m{exported_job=\"a\",job=\"t\",zone=\"z\"}");
  EXPECT_EQ(Canonical("m", "job=\"a\",exported_job=\"b\"", {{"job", "t"}}),
            "m{exported_exported_job=\"a\",exported_job=\"b\",job=\"t\"}");
}

TEST(CanonicalSeries, QuotesANameOutsideTheClassicAlphabet) {
  EXPECT_EQ(Canonical("my.name", "l=\"v\""), "{\"my.name\",l=\"v\"}");
  EXPECT_EQ(Canonical("my.name", ""), "{\"my.name\"}");
  EXPECT_EQ(Canonical("m", "\"my.label\"=\"v\""), "m{\"my.label\"=\"v\"}");
}

TEST(CanonicalSeries, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Canonical("my\xff.n\xc3\xa9", "l=\"\xff\""),
            "{\"my\xef\xbf\xbd.n\xc3\xa9\",l=\"\xef\xbf\xbd\"}");
}

TEST(CanonicalSeries, RefusesALabelGivenTwice) {
  EXPECT_EQ(CanonicalSeries("m", "a=\"1\",a=\"2\"", {}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling
