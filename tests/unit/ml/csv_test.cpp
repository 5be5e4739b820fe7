#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ml/core/csv_reader.h"
#include "ml/core/csv_rows.h"
#include "ml/core/csv_writer.h"
#include "ml/core/decimal.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

void ExpectError(absl::string_view text, const std::string& place, const std::string& what) {
  const auto table = ParseCsv(text, "runs/a.csv");
  ASSERT_FALSE(table.ok()) << text;
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("runs/a.csv:" + place + ": "));
  EXPECT_THAT(std::string(table.status().message()), HasSubstr(what));
}

TEST(CsvReader, ReadsBothLineEndsAndALastLineWithoutOne) {
  for (const char* text : {"time,a,b\r\n1,2,3\r\n2,4,5\r\n", "time,a,b\n1,2,3\n2,4,5"}) {
    const auto table = ParseCsv(text, "a.csv");
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->columns, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(table->time, (std::vector<double>{1, 2}));
    EXPECT_EQ(table->values(1, 0), 4);
    EXPECT_EQ(table->values(1, 1), 5);
  }
}

TEST(CsvReader, AnEmptyCellIsMissingAlsoAtTheEndOfALine) {
  const auto table = ParseCsv("time,a,b\n1,,\n", "a.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_TRUE(std::isnan(table->values(0, 0)));
  EXPECT_TRUE(std::isnan(table->values(0, 1)));
}

TEST(CsvReader, QuotedCellsMayHoldCommasQuotesAndLineEnds) {
  const auto table = ParseCsv("time,\"a,\"\"x\"\"\",\"b\nc\"\n1,\"2.5\",3\n", "a.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->columns, (std::vector<std::string>{"a,\"x\"", "b\nc"}));
  EXPECT_EQ(table->values(0, 0), 2.5f);
}

TEST(CsvReader, AFileWithoutRowsIsAnEmptyTable) {
  const auto table = ParseCsv("time,a\n", "a.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->values.rows(), 0);
  EXPECT_EQ(table->values.cols(), 1);
}

TEST(CsvReader, ErrorsNameLineAndColumn) {
  ExpectError("time,a\n1,2\n2,x7\n", "3:3", "\"x7\" in the column a is not a finite number");
  ExpectError("time,a,b\n1,2\n", "2:3", "the row ends before the column b");
  ExpectError("time,a\n1,2,3\n", "2:3", "goes on after its last column");
  ExpectError("time,a\n1,2\n1,3\n", "3:1", "does not increase");
  ExpectError("time,a\nnoon,2\n", "2:1", "\"noon\" is not a time");
  ExpectError("t,a\n1,2\n", "1:1", "must be called time");
  ExpectError("time,a,a\n", "1:8", "named twice");
  ExpectError("time,a\n1,\"2\n", "2:3", "never ends");
  ExpectError("time,a\n1,\"2\"3\n", "2:3", "follows the closing quote");
  ExpectError("time,a\n1,inf\n", "2:3", "not a finite number");
  ExpectError("time,a\n1,1e39\n", "2:3", "not a finite number");
  ExpectError("", "1:1", "must be called time");
}

TEST(CsvReader, ErrorsCountTheLinesInsideQuotedCells) {
  ExpectError("time,\"a\nb\"\n1,2\n2,\"3\n\"\n3,x\n", "4:3", "is not a finite number");
  ExpectError("time,a\n1,\"2\"\n2,x\n", "3:3", "\"x\" in the column a");
}

TEST(CsvReader, PassesOverAByteOrderMark) {
  const auto table = ParseCsv("\xef\xbb\xbftime,a\n1,2\n", "a.csv");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->values(0, 0), 2);
}

// Numbers as programs write them, and as they should not.
std::string RandomNumber(std::mt19937& random) {
  switch (random() % 9) {
    case 0:
      return "";
    case 1:
      return absl::StrCat(static_cast<int>(random()));
    case 2:
      return absl::StrFormat("%.*f", static_cast<int>(random() % 18),
                             std::ldexp(static_cast<double>(random()), -20));
    case 3:
      return absl::StrFormat(
          "%.*e", static_cast<int>(random() % 18),
          std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 150) - 100));
    case 4:
      return absl::StrFormat("-0.%0*d", static_cast<int>(random() % 20), random() % 1000);
    case 5:  // Halfway between two floats.
      return absl::StrCat(16777217 + 2 * (random() % 1000));
    case 6:
      return absl::StrFormat("%.9g", static_cast<float>(random()) / 7);
    case 7:
      return absl::StrCat("-.", random());
    default:
      return absl::StrCat(random() % 100, ".");
  }
}

// One text, plain or with every cell in quotes, which only the slow way reads.
std::string RandomCsv(uint32_t seed, bool quoted) {
  std::mt19937 random(seed);
  const auto cell = [quoted](const std::string& text) {
    return quoted && !text.empty() ? absl::StrCat("\"", text, "\"") : text;
  };
  const char* const line_end = random() % 2 == 0 ? "\n" : "\r\n";
  const uint32_t columns = random() % 6;
  std::string text = "time";
  for (uint32_t c = 0; c < columns; ++c) absl::StrAppend(&text, ",", cell(absl::StrCat("c", c)));
  const uint32_t rows = random() % 40;
  for (uint32_t r = 0; r < rows; ++r) {
    absl::StrAppend(&text, line_end, cell(absl::StrCat(1700000000 + r, r % 3 == 0 ? ".25" : "")));
    for (uint32_t c = 0; c < columns; ++c) absl::StrAppend(&text, ",", cell(RandomNumber(random)));
  }
  if (random() % 2 == 0) text += line_end;
  return text;
}

bool SameTable(const CsvTable& a, const CsvTable& b) {
  return a.columns == b.columns && a.time == b.time && a.values.rows() == b.values.rows() &&
         a.values.cols() == b.values.cols() &&
         std::memcmp(a.values.data(), b.values.data(),
                     sizeof(float) * static_cast<size_t>(a.values.size())) == 0;
}

TEST(CsvReader, TheFastWayReadsWhatTheSlowWayReads) {
  EXPECT_TRUE(rc::check([] {
    const auto seed = *rc::gen::arbitrary<uint32_t>();
    const auto fast = ParseCsv(RandomCsv(seed, false), "fast");
    const auto slow = ParseCsv(RandomCsv(seed, true), "slow");
    RC_ASSERT(fast.ok());
    RC_ASSERT(slow.ok());
    RC_ASSERT(SameTable(*fast, *slow));
  }));
}

TEST(CsvRows, PiecesOfAnyLengthMakeTheSameTable) {
  EXPECT_TRUE(rc::check([] {
    const std::string text =
        RandomCsv(*rc::gen::arbitrary<uint32_t>(), *rc::gen::arbitrary<bool>());
    const auto piece = static_cast<size_t>(*rc::gen::inRange(1, 200));
    CsvRows rows("pieces");
    std::string held;
    for (size_t at = 0; at < text.size(); at += piece) {
      held += text.substr(at, piece);
      const auto taken = rows.Take(held, at + piece >= text.size());
      RC_ASSERT(taken.ok());
      held.erase(0, *taken);
    }
    RC_ASSERT(held.empty());
    RC_ASSERT(SameTable(rows.Finish(), *ParseCsv(text, "whole")));
  }));
}

TEST(CsvReader, ArbitraryBytesNeverCrashIt) {
  std::mt19937 random(5);
  constexpr absl::string_view kAlphabet = "0123456789.,,,\"\r\n-+eE \xff";
  for (int round = 0; round < 20000; ++round) {
    std::string text = random() % 4 == 0 ? "" : "time,a,b\n";
    for (uint32_t length = random() % 60; length > 0; --length) {
      text += kAlphabet[random() % kAlphabet.size()];
    }
    const auto table = ParseCsv(text, "a.csv");
    if (table.ok()) {
      EXPECT_EQ(table->values.rows(), static_cast<Eigen::Index>(table->time.size()));
    }
  }
}

TEST(Decimal, AgreesWithTheStandardLibraryToTheLastBit) {
  std::mt19937 random(7);
  int fast = 0;
  for (int round = 0; round < 200000; ++round) {
    const std::string text = RandomNumber(random);
    const std::string line = text + "\n";
    double number = 0;
    if (const char* end = ReadDecimal(line.c_str(), number)) {
      double expected = 0;
      ASSERT_TRUE(ParseFinite(text, expected)) << text;
      ASSERT_EQ(end, line.c_str() + text.size()) << text;
      ASSERT_EQ(std::memcmp(&number, &expected, sizeof(number)), 0) << text;
    }
    float value = 0;
    if (ReadDecimal(line.c_str(), value) != nullptr) {
      ++fast;
      float expected = 0;
      ASSERT_TRUE(ParseFinite(text, expected)) << text;
      ASSERT_EQ(std::memcmp(&value, &expected, sizeof(value)), 0) << text;
    }
  }
  EXPECT_GT(fast, 50000);
}

TEST(CsvReader, ACutOffArchiveIsDataLoss) {
  const TemporaryFolder folder;
  const std::string path = folder.File("cut.csv.gz");
  Matrix values = Matrix::Random(2000, 1);
  std::vector<double> time(2000);
  for (size_t i = 0; i < time.size(); ++i) time[i] = static_cast<double>(i);
  ASSERT_TRUE(WriteCsv(path, {"a"}, time, values).ok());
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_EQ(ReadCsv(path).status().code(), absl::StatusCode::kDataLoss);
}

TEST(CsvReader, ARowLongerThanAnyBlockIsRead) {
  const TemporaryFolder folder;
  const std::string path = folder.File("wide.csv");
  std::vector<std::string> columns;
  for (int c = 0; c < 50'000; ++c) columns.push_back(absl::StrCat("a rather long name ", c));
  const Matrix values = Matrix::Random(3, 50'000);
  ASSERT_TRUE(WriteCsv(path, columns, {1, 2, 3}, values).ok());
  const auto table = ReadCsv(path);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->columns, columns);
  EXPECT_TRUE(table->values == values);
}

TEST(CsvReader, AnAbsentFileIsNotFound) {
  const TemporaryFolder folder;
  EXPECT_EQ(ReadCsv(folder.File("absent.csv")).status().code(), absl::StatusCode::kNotFound);
}

class CsvWriter : public ::testing::TestWithParam<const char*> {};

TEST_P(CsvWriter, WritesWhatTheReaderReadsBackBitForBit) {
  const TemporaryFolder folder;
  const std::string path = folder.File(std::string("run") + GetParam());
  const std::vector<std::string> columns = {"plain", "odd,\"name\""};
  const std::vector<double> time = {1700000000, 1700000000.001, 1700000001};
  Matrix values(3, 2);
  values << 0.1f, std::numeric_limits<float>::quiet_NaN(), 1e-38f, 16777217.0f, -0.0f, 3e38f;
  ASSERT_TRUE(WriteCsv(path, columns, time, values).ok());
  const auto table = ReadCsv(path);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->columns, columns);
  EXPECT_EQ(table->time, time);
  for (int i = 0; i < 6; ++i) {
    const float written = values.data()[i], read = table->values.data()[i];
    EXPECT_TRUE(written == read || (std::isnan(written) && std::isnan(read))) << written;
  }
}

INSTANTIATE_TEST_SUITE_P(PlainAndCompressed, CsvWriter, ::testing::Values(".csv", ".csv.gz"));

TEST(CsvWriterErrors, AFolderThatIsNotThereIsNamed) {
  const absl::Status status = WriteCsv("/no/such/folder/a.csv", {}, {}, Matrix());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/no/such/folder/a.csv"));
}

}  // namespace
}  // namespace grayling
