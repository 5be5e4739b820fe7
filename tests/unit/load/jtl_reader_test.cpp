#include "daemon/load/jtl_reader.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kHeader[] =
    "timeStamp,elapsed,label,responseCode,responseMessage,success,failureMessage,bytes,allThreads";
// JMeter 5.6.3 wrote it, without a header.
constexpr char kDefaultRow[] =
    "1795933251072,57,list_owners,200,OK,users 1-1,text,true,,15180,197,3,3,"
    "http://127.0.0.1:33979/api/customer/owners,50,0,28\n";

// A row as one text, so that rows compare.
std::string TextOf(const JtlRow& row) {
  return absl::StrCat(row.start_ms, "|", row.elapsed_ms, "|", row.label, "|", row.response_code,
                      "|", row.response_message, "|", row.success, "|", row.failure_message, "|",
                      row.bytes, "|",
                      row.all_users.has_value() ? absl::StrCat(*row.all_users) : "");
}

struct Read {
  std::vector<std::string> rows;
  absl::Status status;
  std::string first_complaint;
};

Read ReadPieces(const std::vector<std::string>& pieces) {
  JtlReader reader;
  Read read;
  for (const std::string& piece : pieces) {
    read.status = reader.Read(piece, [&](const JtlRow& row) { read.rows.push_back(TextOf(row)); });
  }
  EXPECT_EQ(reader.rows(), read.rows.size());
  read.first_complaint = reader.first_complaint();
  return read;
}

Read ReadAll(const std::string& text) { return ReadPieces({text}); }

std::string Complaint(const std::string& text) {
  return std::string(ReadAll(text).status.message());
}

TEST(JtlReaderTest, FindsColumnsByTheNamesInTheHeader) {
  const Read read = ReadAll(
      "timestamp,LABEL,Elapsed,sentBytes,bytes,success,allThreads,responseCode\n"
      "1700000000000,get_owner,12,100,2000,true,35,200\n");
  EXPECT_THAT(read.rows, ElementsAre("1700000000000|12|get_owner|200||1||2000|35"));
}

TEST(JtlReaderTest, TakesJMetersDefaultOrderWhereThereIsNoHeader) {
  EXPECT_THAT(ReadAll(kDefaultRow).rows,
              ElementsAre("1795933251072|57|list_owners|200|OK|1||15180|3"));
}

TEST(JtlReaderTest, TakesSampleVariablesAfterTheDefaultColumns) {
  std::string row = kDefaultRow;
  row.insert(row.size() - 1, ",\"42\"");
  EXPECT_THAT(ReadAll(row).rows, SizeIs(1));
}

TEST(JtlReaderTest, FindsTheDelimiter) {
  for (const char* delimiter : {",", ";", "\t", "|"}) {
    const auto line = [&](const std::vector<std::string>& fields) {
      return absl::StrJoin(fields, delimiter) + "\n";
    };
    const Read read = ReadAll(line({"timeStamp", "elapsed", "label", "success"}) +
                              line({"1700000000000", "7", "a,b;c", "false"}));
    if (std::string(delimiter) == "\t" || std::string(delimiter) == "|") {
      EXPECT_THAT(read.rows, ElementsAre("1700000000000|7|a,b;c|||0||0|"));
    } else {
      EXPECT_THAT(read.first_complaint, HasSubstr("fields, and the first line has 4"));
    }
  }
}

TEST(JtlReaderTest, ReadsQuotesDelimitersAndLineBreaksInsideAMessage) {
  const Read read = ReadAll(absl::StrCat(
      kHeader,
      "\r\n1700000000000,5,\"a \"\"b\"\"\",500,Oops,false,\"one,\r\ntwo\n\nthree\",9,2\r\n",
      "1700000000001,6,c,200,OK,true,,10,2\r\n"));
  EXPECT_THAT(read.rows, ElementsAre("1700000000000|5|a \"b\"|500|Oops|0|one,\r\ntwo\n\nthree|9|2",
                                     "1700000000001|6|c|200|OK|1||10|2"));
}

TEST(JtlReaderTest, KeepsALineWithoutItsEndForTheNextRead) {
  JtlReader reader;
  int rows = 0;
  const auto count = [&](const JtlRow&) { ++rows; };
  ASSERT_TRUE(reader.Read(absl::StrCat(kHeader, "\n1700000000000,5,a,200,OK,true,,1"), count).ok());
  EXPECT_EQ(rows, 0);
  ASSERT_TRUE(reader.Read("0,2\n", count).ok());
  EXPECT_EQ(rows, 1);
}

TEST(JtlReaderTest, GivesTheRowsInTheFilesOrderWhichIsThatOfTheirEnds) {
  const Read read = ReadAll(absl::StrCat(kHeader, "\n1700000000900,5,quick,200,OK,true,,1,2\n",
                                         "1700000000000,990,slow,200,OK,true,,1,2\n"));
  EXPECT_THAT(read.rows, ElementsAre(HasSubstr("quick"), HasSubstr("slow")));
}

TEST(JtlReaderTest, LeavesOutAHeaderThatComesAgainAndBlankLines) {
  const std::string row = "1700000000000,5,a,200,OK,true,,1,2\n";
  EXPECT_THAT(
      ReadAll(absl::StrCat("\xEF\xBB\xBF", kHeader, "\n", row, "\n", kHeader, "\n", row)).rows,
      SizeIs(2));
}

TEST(JtlReaderTest, LeavesOutAndCountsARowThatItCannotRead) {
  const Read read =
      ReadAll(absl::StrCat(kHeader, "\n1700000000000,soon,a,200,OK,true,,1,2\n",
                           "1700000000000,5\n", "1700000000000,5,a,200,OK,true,,1,2\n"));
  EXPECT_TRUE(read.status.ok());
  EXPECT_THAT(read.rows, SizeIs(1));
  EXPECT_EQ(read.first_complaint, "row 1: elapsed 'soon' is no time in milliseconds");
}

TEST(JtlReaderTest, SaysWhichPropertyMendsAFileThatItCannotRead) {
  EXPECT_EQ(Complaint("<?xml version=\"1.0\"?>\n<testResults>"),
            "the results are XML; set jmeter.save.saveservice.output_format=csv");
  EXPECT_EQ(Complaint("timeStamp,elapsed,label\n"),
            "the results have no column 'success'; set jmeter.save.saveservice.successful=true");
  EXPECT_EQ(Complaint("2024/01/31 12:00:00.000,57,list_owners,200,OK\n"),
            "timeStamp '2024/01/31 12:00:00.000' is no Unix time in milliseconds; set "
            "jmeter.save.saveservice.timestamp_format=ms");
  EXPECT_EQ(Complaint("1700000000000,57,true\n"),
            "the results have no header and 3 columns, but JMeter's default is 17; set "
            "jmeter.save.saveservice.print_field_names=true");
  EXPECT_THAT(Complaint(absl::StrCat(kHeader, "\n1700000000000,5,\"", std::string(1 << 20, 'x'))),
              HasSubstr("row 1 of the results has no end in 1 MiB"));
}

TEST(JtlReaderTest, GoesOnSayingWhatWasWrong) {
  JtlReader reader;
  const auto ignore = [](const JtlRow&) {};
  const absl::Status first = reader.Read("<x>", ignore);
  EXPECT_FALSE(first.ok());
  EXPECT_EQ(reader.Read(kDefaultRow, ignore), first);
  EXPECT_EQ(reader.rows(), 0);
}

// Any bytes of those that matter to the reader, behind a header or not.
std::string SomeFile() {
  const auto fragment = rc::gen::elementOf(
      std::vector<std::string>{"1700000000000",
                               "5",
                               "a",
                               "200",
                               "true",
                               "false",
                               ",",
                               ",",
                               ",",
                               ",",
                               "\"",
                               "\"\"",
                               "\n",
                               "\n",
                               "\r\n",
                               ";",
                               "|",
                               "<",
                               "x y",
                               std::string(kHeader),
                               std::string(kDefaultRow),
                               "1700000000001,6,c,200,OK,true,,10,2\n",
                               "1700000000002,7,\"d\n,\"\"\",500,No,false,,10,2\n"});
  const auto fragments = *rc::gen::container<std::vector<std::string>>(fragment);
  const bool with_header = *rc::gen::arbitrary<bool>();
  return absl::StrCat(with_header ? absl::StrCat(kHeader, "\n") : "", absl::StrJoin(fragments, ""));
}

TEST(JtlReaderTest, GivesTheSameRowsHoweverTheBytesAreCut) {
  EXPECT_TRUE(rc::check([] {
    const std::string file = SomeFile();
    std::vector<std::string> pieces;
    std::mt19937_64 random(*rc::gen::arbitrary<uint64_t>());
    for (size_t at = 0; at < file.size();) {
      const size_t length = random() % 9;
      pieces.push_back(file.substr(at, length));
      at += length;
    }
    pieces.push_back("");
    const Read whole = ReadAll(file);
    const Read cut = ReadPieces(pieces);
    RC_ASSERT(cut.rows == whole.rows);
    RC_ASSERT(cut.status == whole.status);
    RC_ASSERT(cut.first_complaint == whole.first_complaint);
  }));
}

std::string QuotedAsJMeterDoes(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char byte : text) quoted += byte == '"' ? "\"\"" : std::string(1, byte);
  return quoted + "\"";
}

TEST(JtlReaderTest, GivesBackAnyTextThatJMeterWrites) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& messages) {
    std::string file = absl::StrCat(kHeader, "\n");
    for (const std::string& message : messages) {
      absl::StrAppend(&file, "1700000000000,5,a,200,OK,false,", QuotedAsJMeterDoes(message),
                      ",1,2\n");
    }
    JtlReader reader;
    std::vector<std::string> read;
    RC_ASSERT(
        reader
            .Read(file,
                  [&](const JtlRow& row) { read.push_back(std::string(row.failure_message)); })
            .ok());
    RC_ASSERT(read == messages);
  }));
}

}  // namespace
}  // namespace grayling
