#include "daemon/metrics/exposition_parser.h"

#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Parsed {
  std::vector<ExpositionSample> samples;
  std::vector<ExpositionError> errors;
  ExpositionSummary summary;
};

Parsed Parse(absl::string_view page, ExpositionFormat format = ExpositionFormat::kPrometheusText) {
  Parsed parsed;
  parsed.summary = ParseExposition(
      page, format, [&](const ExpositionSample& sample) { parsed.samples.push_back(sample); },
      [&](const ExpositionError& error) { parsed.errors.push_back(error); });
  EXPECT_EQ(parsed.summary.samples, parsed.samples.size());
  EXPECT_EQ(parsed.summary.malformed, parsed.errors.size());
  return parsed;
}

double ValueOf(const std::string& text) {
  const std::string page = "m " + text + "\n";
  const Parsed parsed = Parse(page);
  EXPECT_EQ(parsed.samples.size(), 1u) << text;
  return parsed.samples.empty() ? -12345 : parsed.samples[0].value;
}

TEST(ExpositionParser, SplitsALineIntoNameLabelsValueAndTimestamp) {
  const Parsed parsed = Parse("# TYPE a counter\n\na{b=\"c\",d=\"e\"} 1.5 1700000000123\n");
  ASSERT_EQ(parsed.samples.size(), 1u);
  const ExpositionSample& sample = parsed.samples[0];
  EXPECT_EQ(sample.name, "a");
  EXPECT_EQ(sample.labels, "b=\"c\",d=\"e\"");
  EXPECT_EQ(sample.series, "a{b=\"c\",d=\"e\"}");
  EXPECT_EQ(sample.value, 1.5);
  EXPECT_EQ(sample.timestamp_ms, 1700000000123);
  EXPECT_EQ(sample.line, 3u);
}

TEST(ExpositionParser, TakesBlanksTabsCarriageReturnsAndAMissingLastNewline) {
  const Parsed parsed = Parse("\t a \t 1 \r\nb{ x = \"y\" , } 2\t\r\nc 3");
  ASSERT_EQ(parsed.samples.size(), 3u);
  EXPECT_EQ(parsed.samples[0].series, "a");
  EXPECT_EQ(parsed.samples[1].labels, " x = \"y\" , ");
  EXPECT_EQ(parsed.samples[2].value, 3);
  EXPECT_FALSE(parsed.samples[2].timestamp_ms.has_value());
  const Parsed apart = Parse("d \t{x=\"y\"} 4\n");
  ASSERT_EQ(apart.samples.size(), 1u);
  EXPECT_EQ(apart.samples[0].name, "d");
  EXPECT_EQ(apart.samples[0].labels, "x=\"y\"");
}

TEST(ExpositionParser, ReadsEveryFormOfNumber) {
  EXPECT_EQ(ValueOf("0"), 0);
  EXPECT_TRUE(std::signbit(ValueOf("-0")));
  EXPECT_EQ(ValueOf("+17"), 17);
  EXPECT_EQ(ValueOf("-1.0339644"), -1.0339644);
  EXPECT_EQ(ValueOf("1e9"), 1e9);
  EXPECT_EQ(ValueOf(".5"), 0.5);
  EXPECT_EQ(ValueOf("5."), 5);
  EXPECT_EQ(ValueOf("123456789012345"), 123456789012345);
  EXPECT_EQ(ValueOf("1234567890123456789"), 1234567890123456789.0);
  EXPECT_EQ(ValueOf("18446744073709551615"), 18446744073709551615.0);
  EXPECT_EQ(ValueOf("0x1p-2"), 0.25);
  EXPECT_EQ(ValueOf("-0X1F"), -31);
  EXPECT_EQ(ValueOf("1_000.5"), 1000.5);
  EXPECT_EQ(ValueOf("4.9e-400"), 0);
  EXPECT_EQ(ValueOf(absl::StrCat("0.", std::string(400, '0'), "1")), 0);
  EXPECT_EQ(ValueOf("+Inf"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ValueOf("-inf"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(ValueOf("NaN")));
  EXPECT_TRUE(std::isnan(ValueOf("nan")));
}

TEST(ExpositionParser, RefusesWhatIsNoNumber) {
  for (const std::string bad : {"", "x", "1x", "--1", "+-1", "0x", "1e", "1e999", "1,5", "in"}) {
    const std::string page = "m " + bad + "\n";
    EXPECT_EQ(Parse(page).errors.size(), 1u) << "'" << bad << "'";
  }
  EXPECT_EQ(Parse(absl::StrCat("m 1", std::string(400, '0'), "e-1\n")).errors.size(), 1u);
}

TEST(ExpositionParser, ReportsABadLineWithItsNumberAndKeepsTheRest) {
  const Parsed parsed = Parse("a 1\n1b 2\nc{x=\"y\" 3\nd\ne{x=\"y\"}\nf 1 2 3\ng-h 1\nz 9\n");
  std::vector<size_t> lines;
  for (const ExpositionError& error : parsed.errors) lines.push_back(error.line);
  EXPECT_THAT(lines, ElementsAre(2u, 3u, 4u, 5u, 6u, 7u));
  EXPECT_EQ(parsed.errors[1].text, "c{x=\"y\" 3");
  ASSERT_EQ(parsed.samples.size(), 2u);
  EXPECT_EQ(parsed.samples[1].series, "z");
}

TEST(ExpositionParser, LeavesEscapesInTheLabelBlockAlone) {
  const Parsed parsed = Parse("a{b=\"q\\\"}\\\\\",c=\"}{,=\"} 1\n");
  ASSERT_EQ(parsed.samples.size(), 1u);
  EXPECT_EQ(parsed.samples[0].labels, "b=\"q\\\"}\\\\\",c=\"}{,=\"");
}

TEST(ExpositionParser, FindsTheBlocksEndBehindQuotesThatNobodyEscaped) {
  const Parsed parsed = Parse(
      "g{c=\"sh -c \"sleep 9\"\",m=\"M\"} 3 1704451981000\n"
      "g{c=\"dir\\\",m=\"M\"} 4 1704451981000\n");
  ASSERT_EQ(parsed.samples.size(), 2u);
  EXPECT_EQ(parsed.samples[0].labels, "c=\"sh -c \"sleep 9\"\",m=\"M\"");
  EXPECT_EQ(parsed.samples[0].value, 3);
  EXPECT_EQ(parsed.samples[1].value, 4);
}

TEST(ExpositionParser, TakesLeOnABareName) {
  const Parsed parsed = Parse("gala_gopher_tcp_link_srtt{le=\"+Inf\"} 3 1700000000000\n");
  ASSERT_EQ(parsed.samples.size(), 1u);
  EXPECT_EQ(parsed.samples[0].labels, "le=\"+Inf\"");
}

TEST(ExpositionParser, DoesNotTakeAStampForALostValue) {
  const Parsed parsed = Parse(
      "g{a=\"1\"} 5 1704451981000\ng{a=\"2\"} 1704451981000\n"
      "g{a=\"3\"} 1704451981\n");
  ASSERT_EQ(parsed.errors.size(), 1u);
  EXPECT_EQ(parsed.errors[0].line, 2u);
  EXPECT_THAT(std::string(parsed.errors[0].reason), HasSubstr("missing"));
}

TEST(ExpositionParser, TakesALargeIntegerWhereNoStampsAreWritten) {
  EXPECT_EQ(Parse("last_start_ms 1704451981000\n").samples.size(), 1u);
}

TEST(ExpositionParser, ReadsOpenMetricsSecondsSkipsExemplarsAndStopsAtEof) {
  const Parsed parsed = Parse(
      "# HELP a b\na_bucket{le=\"1\"} 3 1700000000.25 # {id=\"}x\"} 0.7 1700000000\n"
      "b_total 1 # {} 1\n# EOF\nc 1\n",
      ExpositionFormat::kOpenMetrics);
  ASSERT_EQ(parsed.samples.size(), 2u);
  EXPECT_EQ(parsed.samples[0].timestamp_ms, 1700000000250);
  EXPECT_EQ(parsed.samples[0].labels, "le=\"1\"");
  EXPECT_TRUE(parsed.summary.saw_eof);
}

TEST(ExpositionParser, ReadsQuotedNames) {
  const Parsed parsed = Parse("{\"my.name\",l=\"v\"} 1\n{\"other.name\"} 2\n{} 3\n{l=\"v\"} 4\n");
  ASSERT_EQ(parsed.samples.size(), 2u);
  EXPECT_EQ(parsed.samples[0].name, "my.name");
  EXPECT_EQ(parsed.samples[0].labels, "l=\"v\"");
  EXPECT_EQ(parsed.samples[1].name, "other.name");
  EXPECT_EQ(parsed.errors.size(), 2u);
}

TEST(ExpositionParser, TakesAnEmptyPage) {
  EXPECT_THAT(Parse("").samples, IsEmpty());
  EXPECT_THAT(Parse(absl::string_view()).errors, IsEmpty());
}

TEST(ExpositionParser, GivesBackEveryFiniteDoubleExactly) {
  EXPECT_TRUE(rc::check([](uint64_t bits) {
    const auto value = std::bit_cast<double>(bits);
    RC_PRE(std::isfinite(value));
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    RC_ASSERT(std::bit_cast<uint64_t>(ValueOf(text)) == bits);
  }));
}

TEST(ExpositionParser, NeverReadsOutsideThePageWhateverItHolds) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& choices) {
    // Bytes that steer the parser, so that random pages reach its corners.
    constexpr absl::string_view kAlphabet = "a{}\"\\=,# 1.x\n\t\re+-N_";
    std::string page;
    for (const uint8_t choice : choices) page.push_back(kAlphabet[choice % kAlphabet.size()]);
    const char* const begin = page.data();
    const char* const end = begin + page.size();
    const ExpositionSummary summary = ParseExposition(
        page, ExpositionFormat::kOpenMetrics,
        [&](const ExpositionSample& sample) {
          RC_ASSERT(sample.series.data() >= begin);
          RC_ASSERT(sample.series.data() + sample.series.size() <= end);
        },
        [&](const ExpositionError& error) { RC_ASSERT(!error.text.empty()); });
    RC_ASSERT(summary.samples + summary.malformed <= page.size());
  }));
}

}  // namespace
}  // namespace grayling
