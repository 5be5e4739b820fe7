#include "client/cli/output/table.h"

#include <gmock/gmock.h>

#include "client/cli/output/document.h"

namespace grayling {
namespace {

TEST(TableTest, PadsColumnsToTheWidestCellAndShowsMissingValues) {
  const Table table = {.summary = {"two rows"},
                       .columns = {"NAME", "STATE"},
                       .rows = {{"vms/lab", "running"}, {"x", ""}}};
  EXPECT_EQ(RenderTable(table),
            "two rows\n"
            "NAME     STATE\n"
            "vms/lab  running\n"
            "x        -\n");
}

TEST(TableTest, QuotesCsvCellsThatNeedIt) {
  const Table table = {.summary = {"not in CSV"},
                       .columns = {"A", "B"},
                       .rows = {{"a,b", "say \"hi\""}, {"two\nlines", ""}}};
  EXPECT_EQ(RenderCsv(table), "A,B\n\"a,b\",\"say \"\"hi\"\"\"\n\"two\nlines\",\n");
}

TEST(DocumentTest, QuotesYamlStringsThatWouldReadAsAnotherType) {
  const nlohmann::ordered_json document = {
      {"word", "lab"}, {"number", "17"}, {"truth", "true"},
      {"nothing", ""}, {"real", 1.5},    {"empty", nlohmann::ordered_json::array()}};
  EXPECT_EQ(RenderYaml(document),
            "word: lab\nnumber: \"17\"\ntruth: \"true\"\nnothing: \"\"\nreal: 1.5\nempty: []\n");
}

}  // namespace
}  // namespace grayling
