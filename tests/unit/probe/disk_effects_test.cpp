// Real files on this machine's disk; a folder with a cgroup.procs stands in for the container's
// cgroup, and this process for the container's.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <filesystem>

#include "probe/fault/container_folder.h"
#include "probe/fault/disk_burn.h"
#include "probe/fault/disk_fill.h"
#include "probe/fault/fault_file.h"
#include "probe/fault/fault_revert.h"
#include "probe/fault/stray_effects.h"
#include "probe/kernel/files.h"
#include "probe/kernel/mount_info.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

class DiskEffects : public testing::Test {
 protected:
  DiskEffects() {
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
  // Of the nameless file that the process has open in our folder; -1 when it has none.
  std::int64_t TakenBytesOf(pid_t pid) const {
    struct stat ours {};
    if (stat(folder_.path().c_str(), &ours) != 0) return -1;
    std::error_code gone;
    for (std::filesystem::directory_iterator at("/proc/" + std::to_string(pid) + "/fd", gone), end;
         !gone && at != end; at.increment(gone)) {
      struct stat about {};
      if (stat(at->path().c_str(), &about) != 0 || !S_ISREG(about.st_mode)) continue;
      if (about.st_nlink == 0 && about.st_dev == ours.st_dev && about.st_uid == geteuid()) {
        return about.st_blocks * std::int64_t{512};
      }
    }
    return -1;
  }
  std::int64_t TakenBytes() const {
    return TakenBytesOf((*MarkStore(settings_.mark_folder).Read("f"))->keeper.pid);
  }
  // Whatever a disk fault did, nobody finds a file of it.
  bool HasAFile() const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path().filename().string().rfind(kFaultFilePrefix, 0) == 0) return true;
    }
    return false;
  }
  void KillKeeperAndGuard() const {
    const Mark mark = **MarkStore(settings_.mark_folder).Read("f");
    kill(mark.guard.pid, SIGKILL);
    kill(mark.keeper.pid, SIGKILL);
    ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid) && WaitForProcessToEnd(mark.keeper.pid));
  }

  const TemporaryFolder folder_;
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
  EXPECT_FALSE(HasAFile());
  ASSERT_EQ(RevertFault(settings_, "f")->residue, "");
  EXPECT_EQ(TakenBytes(), -1);
}

TEST_F(DiskEffects, AFillGrowsAndShrinksWithItsShare) {
  FaultOrder order = Fill(4);
  DiskFill fill(order);
  ASSERT_TRUE(fill.Apply().ok());
  for (const double share : {0.25, 1.0, 0.5, 0.0}) {
    ASSERT_TRUE(fill.SetShare(share).ok());
    EXPECT_NEAR(static_cast<double>(TakenBytesOf(getpid())), share * (4 << 20), 64 << 10) << share;
  }
  EXPECT_TRUE(fill.Revert().ok());
  EXPECT_EQ(TakenBytesOf(getpid()), -1);
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
  EXPECT_FALSE(HasAFile());
}

TEST_F(DiskEffects, AFillGoesWithItsKeeperWhateverEndsIt) {
  ASSERT_TRUE(ApplyFault(settings_, Fill(1)).ok());
  EXPECT_GT(TakenBytes(), 0);
  KillKeeperAndGuard();
  EXPECT_EQ(TakenBytes(), -1);
  EXPECT_FALSE(HasAFile());
  EXPECT_EQ(RevertOrphans(settings_), 1) << "its end is put on record";
}

TEST_F(DiskEffects, AFillEndsAlsoWhenTheContainerIsGone) {
  ASSERT_TRUE(ApplyFault(settings_, Fill(1)).ok());
  folder_.Write("cgroup.procs", "");
  EXPECT_EQ(RevertFault(settings_, "f")->residue, "");
  EXPECT_EQ(TakenBytes(), -1);
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

TEST_F(DiskEffects, ABurnMovesAsMuchAsItSaysThroughAFileWithoutAName) {
  for (const char* operation : {"read", "write"}) {
    folder_.Write("cgroup.procs", std::to_string(getpid()) + "\n");
    FaultOrder order = Burn(2);
    order.id = operation;
    order.options["operation"] = operation;
    Result<ApplyReport> report = ApplyFault(settings_, order);
    ASSERT_TRUE(report.ok()) << report.error().sentence;
    EXPECT_GE(report->read_back.values.at("mib_per_s_measured"), 1);
    const Mark mark = **MarkStore(settings_.mark_folder).Read(operation);
    // A file system may take a block more for its own map of the file.
    EXPECT_NEAR(static_cast<double>(TakenBytesOf(mark.keeper.pid)), 8 << 20, 64 << 10);
    EXPECT_FALSE(HasAFile());
    EXPECT_EQ(RevertFault(settings_, operation)->residue, "");
    EXPECT_EQ(TakenBytesOf(mark.keeper.pid), -1);
  }
}

TEST_F(DiskEffects, AStrayFileIsRemovedAndTheServicesOwnIsNot) {
  folder_.Write(".grayl-stray", "x");
  folder_.Write("grayl-of-the-service", "x");
  const StrayReport report = RemoveStrays({getpid()}, {folder_.path()});
  ASSERT_EQ(report.removed.size(), 1u);
  EXPECT_NE(report.removed[0].find("/.grayl-stray of the container"), std::string::npos);
  EXPECT_FALSE(HasAFile());
  EXPECT_TRUE(std::filesystem::exists(folder_.path() + "/grayl-of-the-service"));
}

TEST(MountInfo, TheRootIsTheLastMountOnIt) {
  const std::vector<Mount> mounts = ParseMountInfo(
      "22 1 254:0 / / rw - ext4 /dev/vda rw\n"
      "422 391 0:45 / / rw,relatime master:93 - overlay overlay "
      "rw,lowerdir=/d/l/A:/d/l/B,upperdir=/var/lib/docker/overlay2/x/diff,workdir=/w\n"
      "424 422 254:1 /volumes/my\\040data/_data /data rw - ext4 /dev/vda1 rw\n");
  ASSERT_EQ(mounts.size(), 3u);
  EXPECT_EQ(RootMountOrNull(mounts)->id, 422);
  EXPECT_EQ(RootMountOrNull(mounts)->Option("upperdir"), "/var/lib/docker/overlay2/x/diff");
  EXPECT_EQ(mounts[2].root, "/volumes/my data/_data");
}

}  // namespace
}  // namespace grayling::probe
