// Real files on this machine's disk; a folder with a cgroup.procs stands in for the container's
// cgroup, and this process for the container's.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <filesystem>

#include "probe/fault/container_folder.h"
#include "probe/fault/disk_burn.h"
#include "probe/fault/disk_fill.h"
#include "probe/fault/fault_revert.h"
#include "probe/fault/stray_effects.h"
#include "probe/kernel/files.h"
#include "probe/kernel/mount_info.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

class DiskEffects : public testing::Test {
 protected:
  DiskEffects() : file_(folder_.path() + "/.grayl-f") {
    settings_.mark_folder = folder_.path() + "/marks";
    settings_.keeper_cgroup = "";
    folder_.Write("cgroup.procs", std::to_string(getpid()) + "\n");
  }
  ~DiskEffects() override { EXPECT_TRUE(RevertAllFaults(settings_).ok()); }

  FaultOrder Fill(double mib, double keep_free_mib = 64) const {
    FaultOrder order;
    order.id = "f";
    order.kind = "disk.fill";
    order.ttl_ms = 60000;
    order.cgroup = folder_.path();
    order.pid = getpid();
    order.parameters = {{"mib", mib}, {"keep_free_mib", keep_free_mib}};
    order.options = {{"path", folder_.path()}};
    return order;
  }
  FaultOrder Burn(double mib_per_s) const {
    FaultOrder order = Fill(1);
    order.kind = "disk.burn";
    order.parameters = {{"mib_per_s", mib_per_s}};
    return order;
  }
  std::int64_t TakenBytes() const {
    struct stat about {};
    return stat(file_.c_str(), &about) == 0 ? about.st_blocks * std::int64_t{512} : -1;
  }
  void KillKeeperAndGuard() const {
    const Mark mark = **MarkStore(settings_.mark_folder).Read("f");
    kill(mark.guard.pid, SIGKILL);
    kill(mark.keeper.pid, SIGKILL);
    ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid) && WaitForProcessToEnd(mark.keeper.pid));
  }

  const TemporaryFolder folder_;
  const std::string file_;
  FaultSettings settings_;
};

TEST_F(DiskEffects, AFillTakesTheBlocksItSaysAndGivesThemBack) {
  Result<ApplyReport> report = ApplyFault(settings_, Fill(5));
  if (!report.ok() && report.error().sentence.find("tmpfs") != std::string::npos) {
    GTEST_SKIP() << "the temporary folder is in memory";
  }
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_NEAR(static_cast<double>(TakenBytes()), 5 << 20, 64 << 10);
  EXPECT_NEAR(report->read_back.values.at("mib"), 5, 0.1);
  ASSERT_EQ(RevertFault(settings_, "f")->residue, "");
  EXPECT_EQ(TakenBytes(), -1);
}

TEST_F(DiskEffects, AFillGrowsAndShrinksWithItsShare) {
  FaultOrder order = Fill(4);
  DiskFill fill(order);
  ASSERT_TRUE(fill.Apply().ok());
  for (const double share : {0.25, 1.0, 0.5, 0.0}) {
    ASSERT_TRUE(fill.SetShare(share).ok());
    EXPECT_NEAR(static_cast<double>(TakenBytes()), share * (4 << 20), 64 << 10) << share;
  }
  EXPECT_TRUE(fill.Revert().ok());
  EXPECT_EQ(TakenBytes(), -1);
  EXPECT_TRUE(fill.Revert().ok()) << "safe to repeat";
}

TEST_F(DiskEffects, AFillThatWouldLeaveTooLittleIsRefusedWithTheMostThatIsAllowed) {
  struct statfs about {};
  ASSERT_EQ(statfs(folder_.path().c_str(), &about), 0);
  const double free_mib = static_cast<double>(about.f_bavail) * about.f_frsize / (1 << 20);
  Result<ApplyReport> report = ApplyFault(settings_, Fill(200, free_mib));
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().sentence.find("have to stay so (keep_free_mib); ask for at most"),
            std::string::npos)
      << report.error().sentence;
  EXPECT_EQ(TakenBytes(), -1);
}

TEST_F(DiskEffects, TheFileIsRemovedByAnotherProcessAfterAKill) {
  ASSERT_TRUE(ApplyFault(settings_, Fill(1)).ok());
  KillKeeperAndGuard();
  EXPECT_GT(TakenBytes(), 0);
  EXPECT_EQ(RevertOrphans(settings_), 1);
  EXPECT_EQ(TakenBytes(), -1);
}

TEST_F(DiskEffects, TheFileIsRemovedEvenWhenTheContainerIsGone) {
  ASSERT_TRUE(ApplyFault(settings_, Fill(1)).ok());
  KillKeeperAndGuard();
  folder_.Write("cgroup.procs", "");
  EXPECT_EQ(RevertFault(settings_, "f")->residue, "");
  EXPECT_EQ(TakenBytes(), -1);
}

TEST_F(DiskEffects, AFileThatSomebodyRemovesEndsTheFaultThen) {
  ASSERT_TRUE(ApplyFault(settings_, Fill(1)).ok());
  std::filesystem::remove(file_);
  const Mark mark = **MarkStore(settings_.mark_folder).Read("f");
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid));
  EXPECT_EQ(RevertFault(settings_, "f")->note, "somebody removed the file that filled the disk");
}

TEST_F(DiskEffects, APathThatCouldLeadOutOfTheContainerIsRefused) {
  for (const char* path : {"relative", "", "/tmp/../etc", "/.."}) {
    EXPECT_FALSE(OpenFolderOf(getpid(), path).ok()) << path;
  }
  EXPECT_FALSE(OpenFolderOf(getpid(), "/proc/self/root").ok()) << "one of /proc's links";
}

TEST_F(DiskEffects, AFolderThatIsNotThereIsASentence) {
  FaultOrder order = Fill(1);
  order.options["path"] = "/no/such/folder";
  EXPECT_EQ(ApplyFault(settings_, order).error().sentence,
            "there is no folder /no/such/folder in the container; give one with --option path: No "
            "such file or directory");
}

TEST_F(DiskEffects, ABurnThatCannotStartLeavesNothing) {
  // Entering the stand-in overwrites its list of processes, so that the burner finds no container.
  Result<ApplyReport> report = ApplyFault(settings_, Burn(1));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().sentence, "the process that burns the disk died at its start");
  EXPECT_EQ(TakenBytes(), -1);
  EXPECT_TRUE(MarkStore(settings_.mark_folder).List()->marks.empty());
}

TEST_F(DiskEffects, AStrayFileIsRemovedAndThatOfALivingFaultIsNot) {
  ASSERT_TRUE(ApplyFault(settings_, Fill(1)).ok());
  folder_.Write(".grayl-stray", "x");
  folder_.Write("grayl-of-the-service", "x");
  const StrayReport report = RemoveStrays({getpid()}, {folder_.path()});
  ASSERT_EQ(report.removed.size(), 1u);
  EXPECT_NE(report.removed[0].find("/.grayl-stray of the container"), std::string::npos);
  EXPECT_GT(TakenBytes(), 0);
  EXPECT_TRUE(std::filesystem::exists(folder_.path() + "/grayl-of-the-service"));
}

TEST(MountInfo, AnOverlaysFilesLieInItsWritableLayer) {
  const std::vector<Mount> theirs = ParseMountInfo(
      "422 391 0:45 / / rw,relatime master:93 - overlay overlay "
      "rw,lowerdir=/d/l/A:/d/l/B,upperdir=/var/lib/docker/overlay2/x/diff,workdir=/w\n"
      "424 422 254:1 /volumes/my\\040data/_data /data rw - ext4 /dev/vda1 rw\n"
      "425 422 0:67 / /dev rw,nosuid - tmpfs tmpfs rw\n");
  ASSERT_EQ(theirs.size(), 3u);
  const std::vector<Mount> ours = ParseMountInfo(
      "22 1 254:0 / / rw - ext4 /dev/vda rw\n31 22 254:1 / /var/lib/docker rw - ext4 /dev/vda1 "
      "rw\n");
  EXPECT_EQ(PathInOurMounts(theirs[0], "/tmp", ours), "/var/lib/docker/overlay2/x/diff/tmp");
  EXPECT_EQ(PathInOurMounts(theirs[0], "/", ours), "/var/lib/docker/overlay2/x/diff");
  EXPECT_EQ(PathInOurMounts(theirs[1], "/data/a", ours), "/var/lib/docker/volumes/my data/_data/a");
  EXPECT_EQ(PathInOurMounts(theirs[2], "/dev", ours), std::nullopt);
  EXPECT_EQ(RootMountOrNull(theirs)->id, 422);
}

}  // namespace
}  // namespace grayling::probe
