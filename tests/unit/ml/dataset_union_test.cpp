#include "ml/core/dataset_union.h"

#include <gmock/gmock.h>

#include <cmath>

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Dataset WithRun(const std::string& id, std::vector<std::string> columns) {
  Dataset dataset;
  dataset.name = id;
  dataset.columns = std::move(columns);
  dataset.edges = {{"gw", "a"}, {"gw", id}};
  grayling::Run& run = dataset.runs.emplace_back();
  run.id = id;
  run.time = {1, 2};
  run.values.resize(2, static_cast<Eigen::Index>(dataset.columns.size()));
  for (Eigen::Index i = 0; i < run.values.size(); ++i) run.values.data()[i] = static_cast<float>(i);
  return dataset;
}

TEST(MergeDatasets, KeepsEveryCellUnderItsColumn) {
  const auto merged = MergeDatasets({WithRun("one", {"x", "y"}), WithRun("two", {"z", "y", "x"})});
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_THAT(merged->columns, ElementsAre("x", "y", "z"));
  EXPECT_THAT(merged->edges, ElementsAre(Pair("gw", "a"), Pair("gw", "one"), Pair("gw", "two")));
  ASSERT_EQ(merged->runs.size(), 2u);
  EXPECT_EQ(merged->runs[0].values(1, 1), 3);
  EXPECT_TRUE(std::isnan(merged->runs[0].values(1, 2)));
  EXPECT_EQ(merged->runs[1].values(1, 0), 5);
  EXPECT_EQ(merged->runs[1].values(1, 2), 3);
}

TEST(MergeDatasets, RefusesWhatDoesNotBelongTogether) {
  EXPECT_THAT(
      std::string(MergeDatasets({WithRun("one", {"x"}), WithRun("one", {"x"})}).status().message()),
      HasSubstr("the run one comes twice"));
  Dataset slow = WithRun("slow", {"x"});
  slow.period_s = 60;
  EXPECT_THAT(std::string(MergeDatasets({WithRun("one", {"x"}), slow}).status().message()),
              HasSubstr("slow has a row every 60 s"));
  EXPECT_EQ(MergeDatasets({}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace grayling
