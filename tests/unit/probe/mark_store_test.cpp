#include "probe/fault/mark_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "probe/kernel/files.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

Mark AMark(const std::string& id) {
  Mark mark;
  mark.order.id = id;
  mark.order.kind = "cpu.load";
  mark.order.ttl_ms = 1000;
  mark.order.cgroup = "/sys/fs/cgroup/x";
  mark.order.parameters = {{"percent", 50}};
  return mark;
}

TEST(MarkStore, AMarkSurvivesItsFile) {
  const TemporaryFolder folder;
  const MarkStore store(folder.path() + "/deep/faults");
  ASSERT_TRUE(store.Prepare().ok());
  Mark mark = AMark("f1");
  mark.state = MarkState::kResidue;
  mark.keeper = ProcessIdentity{12, 34};
  mark.ended_ns = 1'700'000'000'000'000'001;
  mark.note = "netem is still there";
  ASSERT_TRUE(store.Write(mark).ok());
  Result<std::optional<Mark>> back = store.Read("f1");
  ASSERT_TRUE(back.ok() && *back);
  EXPECT_EQ((*back)->order.parameters, mark.order.parameters);
  EXPECT_EQ((*back)->state, MarkState::kResidue);
  EXPECT_EQ((*back)->keeper.start_ticks, 34u);
  EXPECT_EQ((*back)->ended_ns, mark.ended_ns);
  EXPECT_EQ((*back)->note, mark.note);
}

TEST(MarkStore, AnUnknownMarkIsNoError) {
  const TemporaryFolder folder;
  Result<std::optional<Mark>> mark = MarkStore(folder.path()).Read("none");
  ASSERT_TRUE(mark.ok());
  EXPECT_FALSE(*mark);
  Result<MarkList> list = MarkStore(folder.path() + "/none").List();
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE(list->marks.empty() && list->damaged.empty());
}

TEST(MarkStore, ADamagedMarkIsNamedAndNeverActedOn) {
  const TemporaryFolder folder;
  const MarkStore store(folder.path());
  folder.Write("torn.json", "{\"order\":{\"id\":\"torn\"");
  Result<std::optional<Mark>> mark = store.Read("torn");
  ASSERT_FALSE(mark.ok());
  EXPECT_NE(mark.error().sentence.find("torn.json is damaged"), std::string::npos);
}

TEST(MarkStore, ADamagedMarkIsListedApartAndHidesNoOther) {
  const TemporaryFolder folder;
  const MarkStore store(folder.path());
  for (const char* id : {"a", "z"}) ASSERT_TRUE(store.Write(AMark(id)).ok());
  folder.Write("torn.json", "{\"order\":{\"id\":\"torn\"");
  Result<MarkList> list = store.List();
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->marks.size(), 2u);
  EXPECT_EQ(list->marks.at(1).order.id, "z");
  ASSERT_EQ(list->damaged.size(), 1u);
  EXPECT_EQ(list->damaged.at(0).id, "torn");
  EXPECT_EQ(list->damaged.at(0).sentence, store.Read("torn").error().sentence);
}

TEST(MarkStore, ListsByIdAndForgetsOnlyWhatEndedLongAgo) {
  const TemporaryFolder folder;
  const MarkStore store(folder.path());
  for (const char* id : {"b-old", "a-active", "c-new"}) {
    Mark mark = AMark(id);
    if (mark.order.id != "a-active") {
      mark.state = MarkState::kEnded;
      mark.ended_ns = mark.order.id == "b-old" ? 100 : 300;
    }
    ASSERT_TRUE(store.Write(mark).ok());
  }
  EXPECT_EQ(store.List()->marks.at(1).order.id, "b-old");
  store.PruneEnded(200);
  const std::vector<Mark> left = store.List()->marks;
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left.at(0).order.id, "a-active");
  EXPECT_EQ(left.at(1).order.id, "c-new");
}

TEST(ProcessIdentity, ALaterProcessWithTheSameNumberIsAnother) {
  ProcessIdentity self = ProcessIdentity::Of(getpid());
  EXPECT_TRUE(self.IsAlive());
  self.start_ticks -= 1;
  EXPECT_FALSE(self.IsAlive());
  EXPECT_FALSE(ProcessIdentity().IsAlive());
}

}  // namespace
}  // namespace grayling::probe
