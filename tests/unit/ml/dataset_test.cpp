#include "ml/core/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "ml/core/dataset_hash.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// A folder of its own for each test, removed at the end.
class DatasetTest : public ::testing::Test {
 protected:
  DatasetTest() { std::filesystem::create_directories(folder_ + "/runs"); }

  void Put(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
  }
  void ExpectReadError(absl::StatusCode code, const std::string& what) {
    const auto dataset = ReadDataset(folder_);
    EXPECT_EQ(dataset.status().code(), code);
    EXPECT_THAT(std::string(dataset.status().message()), HasSubstr(what));
  }

  const TemporaryFolder temporary_;
  const std::string folder_ = temporary_.File("set");
};

Dataset SmallDataset() {
  Dataset dataset;
  dataset.name = "small";
  dataset.description = "made by hand";
  dataset.licence = "CC0";
  dataset.source = "a test";
  dataset.period_s = 0.5;
  dataset.columns = {"gw/a", "gw>vets/b", "c"};
  dataset.edges = {{"gw", "vets"}};
  grayling::Run run;
  run.id = "campaigns/one";
  run.group = "g1";
  run.split = "train";
  run.entity = "lab";
  run.time = {1700000000, 1700000000.5};
  run.values.resize(2, 3);
  run.values << 1, std::numeric_limits<float>::quiet_NaN(), 0.1f, 2, 3, 4;
  run.windows = {{1700000000, 1700000001, "network.delay", "vets", "r1", 80.0, {"gw>vets/b"}},
                 {1700000002, 1700000003, "cpu.stress", "", "", std::nullopt, {}}};
  dataset.runs.push_back(run);
  run.id = "two";
  run.split = "";
  run.windows.clear();
  dataset.runs.push_back(run);
  return dataset;
}

void ExpectEqual(const Dataset& a, const Dataset& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.licence, b.licence);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.period_s, b.period_s);
  EXPECT_EQ(a.columns, b.columns);
  EXPECT_EQ(a.edges, b.edges);
  ASSERT_EQ(a.runs.size(), b.runs.size());
  for (size_t i = 0; i < a.runs.size(); ++i) {
    const Run &x = a.runs[i], &y = b.runs[i];
    EXPECT_EQ(x.id, y.id);
    EXPECT_EQ(x.group, y.group);
    EXPECT_EQ(x.split, y.split);
    EXPECT_EQ(x.entity, y.entity);
    EXPECT_EQ(x.time, y.time);
    ASSERT_EQ(x.values.rows(), y.values.rows());
    ASSERT_EQ(x.values.cols(), y.values.cols());
    EXPECT_TRUE(((x.values.array() == y.values.array()) ||
                 (x.values.array().isNaN() && y.values.array().isNaN()))
                    .all());
    ASSERT_EQ(x.windows.size(), y.windows.size());
    for (size_t w = 0; w < x.windows.size(); ++w) {
      EXPECT_EQ(x.windows[w].start, y.windows[w].start);
      EXPECT_EQ(x.windows[w].end, y.windows[w].end);
      EXPECT_EQ(x.windows[w].label, y.windows[w].label);
      EXPECT_EQ(x.windows[w].service, y.windows[w].service);
      EXPECT_EQ(x.windows[w].group, y.windows[w].group);
      EXPECT_EQ(x.windows[w].intensity, y.windows[w].intensity);
      EXPECT_EQ(x.windows[w].metrics, y.windows[w].metrics);
    }
  }
}

TEST_F(DatasetTest, WhatIsWrittenIsReadBackEqual) {
  ASSERT_TRUE(WriteDataset(SmallDataset(), folder_ + "/new/deep").ok());
  const auto read = ReadDataset(folder_ + "/new/deep");
  ASSERT_TRUE(read.ok()) << read.status();
  ExpectEqual(SmallDataset(), *read);
}

TEST_F(DatasetTest, ALargeRunIsCompressedAndReadBackEqual) {
  Dataset dataset = SmallDataset();
  dataset.runs.pop_back();
  grayling::Run& run = dataset.runs[0];
  run.values = Matrix::Constant(400'000, 3, 1.5f);
  run.time.clear();
  for (int i = 0; i < 400'000; ++i) run.time.push_back(1700000000 + i);
  ASSERT_TRUE(WriteDataset(dataset, folder_).ok());
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/runs/campaigns_one.csv.gz"));
  const auto read = ReadDataset(folder_);
  ASSERT_TRUE(read.ok()) << read.status();
  ExpectEqual(dataset, *read);
}

TEST_F(DatasetTest, ColumnsAreTheUnionAndAbsentOnesAreMissing) {
  Put("dataset.json", R"({"format":"grayling-dataset/1","period_s":1,"runs":[
      {"id":"1","file":"runs/1.csv","windows":[]},{"id":"2","file":"runs/2.csv","split":null}]})");
  Put("runs/1.csv", "time,a,b\n1,10,11\n");
  Put("runs/2.csv", "time,b,c\n1,20,21\n");
  const auto read = ReadDataset(folder_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->columns, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(read->runs[0].values(0, 1), 11);
  EXPECT_TRUE(std::isnan(read->runs[0].values(0, 2)));
  EXPECT_TRUE(std::isnan(read->runs[1].values(0, 0)));
  EXPECT_EQ(read->runs[1].values(0, 1), 20);
  EXPECT_EQ(read->runs[1].values(0, 2), 21);
}

TEST_F(DatasetTest, OnlyWantedRunsAreOpened) {
  Put("dataset.json", R"({"format":"grayling-dataset/1","period_s":1,"runs":[
      {"id":"1","file":"runs/1.csv"},{"id":"2","file":"runs/absent.csv"}]})");
  Put("runs/1.csv", "time,a\n1,10\n");
  const auto read = ReadDataset(folder_, [](const grayling::Run& run) { return run.id == "1"; });
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->runs.size(), 1u);
  ExpectReadError(absl::StatusCode::kNotFound, "runs/absent.csv");
}

TEST_F(DatasetTest, ErrorsSayWhereAndWhat) {
  ExpectReadError(absl::StatusCode::kNotFound, "dataset.json");
  Put("dataset.json", R"({"format":"grayling-dataset/1",)");
  ExpectReadError(absl::StatusCode::kInvalidArgument, "line 1");
  Put("dataset.json", R"({"format":"other/9","period_s":1,"runs":[]})");
  ExpectReadError(absl::StatusCode::kInvalidArgument, "grayling-dataset/1");
  Put("dataset.json", R"({"format":"grayling-dataset/1","runs":[]})");
  ExpectReadError(absl::StatusCode::kInvalidArgument, "period_s");
  Put("dataset.json", R"({"format":"grayling-dataset/1","period_s":1,"runs":[
      {"id":"1","file":"../1.csv"}]})");
  ExpectReadError(absl::StatusCode::kInvalidArgument, "inside the data set's folder");
  Put("dataset.json", R"({"format":"grayling-dataset/1","period_s":1,"runs":[
      {"id":"1","file":"runs/1.csv","windows":[{"start":5,"end":5,"label":"x"}]}]})");
  ExpectReadError(absl::StatusCode::kInvalidArgument, "its end must come after its start");
  Put("dataset.json", R"({"format":"grayling-dataset/1","period_s":1,"runs":[
      {"id":"1","file":"runs/1.csv"}]})");
  Put("runs/1.csv", "time,a\n1,two\n");
  ExpectReadError(absl::StatusCode::kInvalidArgument, "runs/1.csv:2:3: ");
}

TEST_F(DatasetTest, WindowsInAnotherClockAreRefused) {
  Put("dataset.json", R"({"format":"grayling-dataset/1","period_s":1,"runs":[
      {"id":"1","file":"runs/1.csv","windows":[{"start":1700000000,"end":1700000009,"label":"x"}]}]})");
  Put("runs/1.csv", "time,a\n0,1\n1,2\n");
  ExpectReadError(absl::StatusCode::kInvalidArgument,
                  "no window touches the rows of its run: 1 has rows from 0.000 to 1.000");
}

TEST_F(DatasetTest, OneStrayWindowAmongTrueOnesIsNoReasonToRefuse) {
  Put("dataset.json", R"({"format":"grayling-dataset/1","period_s":1,"runs":[
      {"id":"1","file":"runs/1.csv","windows":[{"start":0,"end":1,"label":"x"},
                                               {"start":50,"end":51,"label":"x"}]}]})");
  Put("runs/1.csv", "time,a\n0,1\n1,2\n");
  EXPECT_TRUE(ReadDataset(folder_).ok());
}

TEST_F(DatasetTest, TheHashIsOfTheBytesAlone) {
  ASSERT_TRUE(WriteDataset(SmallDataset(), folder_ + "/a").ok());
  ASSERT_TRUE(WriteDataset(SmallDataset(), folder_ + "/b").ok());
  const auto hash = HashDirectory(folder_ + "/a");
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_EQ(hash->size(), 64u);
  EXPECT_EQ(*hash, *HashDirectory(folder_ + "/b"));
  std::ofstream(folder_ + "/b/runs/two.csv", std::ios::app) << "1700000009,1,1,1\r\n";
  EXPECT_NE(*hash, *HashDirectory(folder_ + "/b"));
  std::filesystem::remove(folder_ + "/b/runs/two.csv");
  EXPECT_EQ(HashDirectory(folder_ + "/b").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(DatasetTest, AValueTableOfTheWrongShapeIsNotWritten) {
  Dataset dataset = SmallDataset();
  dataset.columns.pop_back();
  EXPECT_EQ(WriteDataset(dataset, folder_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/dataset.json"));
}

// The public sets, where they are at hand.
struct PublicSet {
  const char* name;
  size_t runs, columns, rows_of_first, windows;
};

class PublicDatasetTest : public ::testing::TestWithParam<PublicSet> {};

TEST_P(PublicDatasetTest, IsReadWhole) {
  const char* root = std::getenv("GRAYLING_DATA");
  const std::string folder =
      std::string(root != nullptr ? root : GRAYLING_DEFAULT_DATA) + "/" + GetParam().name;
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no public data set at " << folder;
  // One machine of the large set is enough for a unit test.
  const auto dataset = ReadDataset(folder, [](const grayling::Run& run) {
    return run.entity.rfind("machine-", 0) != 0 || run.entity == "machine-1-6";
  });
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->runs.size(), GetParam().runs);
  EXPECT_EQ(dataset->columns.size(), GetParam().columns);
  EXPECT_EQ(dataset->runs[0].time.size(), GetParam().rows_of_first);
  size_t windows = 0;
  for (const grayling::Run& run : dataset->runs) windows += run.windows.size();
  EXPECT_EQ(windows, GetParam().windows);
}

INSTANTIATE_TEST_SUITE_P(DevelopmentData, PublicDatasetTest,
                         ::testing::Values(PublicSet{"nezha-ob", 2, 223, 1209, 56},
                                           PublicSet{"smd8", 2, 38, 23688, 30},
                                           PublicSet{"nab", 24, 10, 4032, 49}),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace grayling
