#include "daemon/metrics/label_block.h"

#include <rapidcheck.h>

#include <ostream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {

// For GoogleTest's messages.
void PrintTo(const Label& label, std::ostream* out) { *out << label.name << " = " << label.value; }

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<Label> Decode(absl::string_view block) {
  const auto labels = DecodeLabels(block);
  EXPECT_TRUE(labels.ok()) << labels.status();
  return labels.value_or(std::vector<Label>());
}

TEST(DecodeLabels, ReadsPairsInTheOrderWritten) {
  EXPECT_THAT(Decode("b=\"2\", a = \"1\","), ElementsAre(Label{"b", "2"}, Label{"a", "1"}));
  EXPECT_THAT(Decode(""), IsEmpty());
  EXPECT_THAT(Decode("\"my.label\"=\"x\""), ElementsAre(Label{"my.label", "x"}));
  EXPECT_THAT(Decode(R"("a=\"b" = "x")"), ElementsAre(Label{"a=\"b", "x"}));
}

TEST(DecodeLabels, ResolvesTheThreeEscapesAndKeepsOtherBackslashes) {
  EXPECT_THAT(Decode(R"(a="\\ \" \n \d")"), ElementsAre(Label{"a", "\\ \" \n \\d"}));
}

TEST(DecodeLabels, KeepsSeparatorsInsideAValue) {
  EXPECT_THAT(Decode("a=\"a,b=c}d{e\",m=\"M\""),
              ElementsAre(Label{"a", "a,b=c}d{e"}, Label{"m", "M"}));
}

TEST(DecodeLabels, TakesUnescapedQuotesAsPartOfTheValue) {
  EXPECT_THAT(Decode("c=\"sh -c \"sleep 9\"\",m=\"M\""),
              ElementsAre(Label{"c", "sh -c \"sleep 9\""}, Label{"m", "M"}));
}

TEST(DecodeLabels, TakesABackslashBeforeTheClosingQuoteAsItself) {
  EXPECT_THAT(Decode("c=\"C:\\dir\\\",m=\"M\""),
              ElementsAre(Label{"c", "C:\\dir\\"}, Label{"m", "M"}));
}

TEST(DecodeLabels, ReplacesBytesThatAreNoUtf8) {
  EXPECT_THAT(
      Decode("a=\"\xc3\xa9 \xff \xed\xa0\x80\""),
      ElementsAre(Label{"a", "\xc3\xa9 \xef\xbf\xbd \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}));
}

TEST(DecodeLabels, RefusesWhatIsNoListOfPairs) {
  for (const char* bad : {"a", "a=", "a=b", "=\"x\"", "a=\"x", "a=\"x\" b"}) {
    EXPECT_FALSE(DecodeLabels(bad).ok()) << bad;
  }
}

TEST(DecodeLabels, IsTheInverseOfEscaping) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& choices) {
    constexpr absl::string_view kAlphabet = "ab\\\"\n,= }{";
    std::string value;
    for (const uint8_t choice : choices) value.push_back(kAlphabet[choice % kAlphabet.size()]);
    std::string block = "first=\"";
    AppendEscaped(value, block);
    block += "\",second=\"2\"";
    const auto labels = DecodeLabels(block);
    RC_ASSERT(labels.ok());
    RC_ASSERT(labels->at(0).value == value);
    RC_ASSERT(labels->size() == 2u);
  }));
}

}  // namespace
}  // namespace grayling
