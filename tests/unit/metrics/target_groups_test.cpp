#include "daemon/metrics/target_groups.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(TargetGroups, KeepsTargetsApartThatShareNoSeries) {
  TargetGroups groups;
  groups.Add(0, {1, 2});
  groups.Add(1, {3});
  EXPECT_THAT(groups.GroupOf(0), ElementsAre(0));
  EXPECT_THAT(groups.GroupOfSeries(3), ElementsAre(1));
  EXPECT_THAT(groups.GroupOfSeries(0), IsEmpty());
  EXPECT_THAT(groups.GroupOfSeries(99), IsEmpty());
}

TEST(TargetGroups, UnitesTargetsThatShareSeriesThroughOthers) {
  TargetGroups groups;
  groups.Add(0, {1});
  groups.Add(1, {2});
  groups.Add(2, {3});
  groups.Add(1, {1});
  groups.Add(0, {1});
  EXPECT_THAT(groups.GroupOf(0), UnorderedElementsAre(0, 1));
  groups.Add(2, {2});
  EXPECT_THAT(groups.GroupOfSeries(1), UnorderedElementsAre(0, 1, 2));
  EXPECT_THAT(groups.GroupOfSeries(3), UnorderedElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace grayling
