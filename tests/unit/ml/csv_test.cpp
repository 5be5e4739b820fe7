#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>

#include "ml/core/csv_reader.h"
#include "ml/core/csv_writer.h"
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
