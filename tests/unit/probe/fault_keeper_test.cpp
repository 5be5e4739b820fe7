#include "probe/fault/fault_keeper.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "probe/fault/fault_answers.h"
#include "probe/fault/fault_revert.h"
#include "probe/kernel/boot_timer.h"
#include "probe/kernel/files.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

using nlohmann::json;

// A fault that is a file: it is there or it is not, for every process to see.
class FileEffect final : public Effect {
 public:
  FileEffect(std::string folder, FaultOrder order)
      : folder_(std::move(folder)), order_(std::move(order)) {}

  Result<ReadBack> Apply() override {
    // The mark must be on disk before anything is done.
    if (!std::filesystem::exists(folder_ + "/marks/" + order_.id + ".json")) _exit(1);
    if (order_.veth == "die-in-apply") raise(SIGKILL);
    std::ofstream(File()).put('x');
    if (order_.veth == "ended-in-apply") RecordAnEnd();
    if (order_.veth == "half-applied") return Error{"the kernel refused"};
    return ReadBack{"a file", {{"delay_ms", 30}}};
  }
  // Each move is a line: the milliseconds since the first one, and the share.
  Status SetShare(double share) override {
    if (order_.veth == "stiff") return Error{"the file is stiff"};
    if (first_move_ns_ == 0) first_move_ns_ = BootTimeNs();
    std::ofstream(folder_ + "/" + order_.id + ".moves", std::ios::app)
        << (BootTimeNs() - first_move_ns_) / 1'000'000 << ' ' << share << '\n';
    return Done{};
  }
  Status StillThere() override {
    if (std::filesystem::exists(File())) return Done{};
    return Error{"the file vanished"};
  }
  Status Revert() override {
    if (order_.veth == "sticky") return Error{"the file sticks"};
    std::filesystem::remove(File());
    return Done{};
  }

 private:
  // What a revert does that took this keeper for dead.
  void RecordAnEnd() const {
    const MarkStore store(folder_ + "/marks");
    Result<UniqueFd> lock = store.Lock();
    Mark mark = **store.Read(order_.id);
    mark.state = MarkState::kEnded;
    mark.ended_ns = 1;
    static_cast<void>(store.Write(mark));
  }
  std::string File() const { return folder_ + "/" + order_.id + ".effect"; }

  std::string folder_;
  FaultOrder order_;
  std::int64_t first_move_ns_ = 0;
};

class FaultKeeper : public testing::Test {
 protected:
  FaultKeeper() : store_(folder_.path() + "/marks") {
    settings_.mark_folder = folder_.path() + "/marks";
    settings_.keeper_cgroup = "";
    settings_.make_effect = [folder = folder_.path()](const FaultOrder& order) {
      return Result<std::unique_ptr<Effect>>(std::make_unique<FileEffect>(folder, order));
    };
  }
  ~FaultKeeper() override {
    // A failed expectation must not leave processes behind.
    const MarkList list = *store_.List();
    for (const Mark& mark : list.marks) {
      if (mark.guard.IsAlive()) kill(mark.guard.pid, SIGKILL);
      if (mark.keeper.IsAlive()) kill(mark.keeper.pid, SIGKILL);
    }
  }

  static FaultOrder Order(const std::string& id, std::int64_t ttl_ms = 60000) {
    FaultOrder order;
    order.id = id;
    order.kind = "network.delay";
    order.ttl_ms = ttl_ms;
    order.veth = "veth1";
    order.parameters = {{"delay_ms", 30}};
    return order;
  }
  bool EffectIsThere(const std::string& id) const {
    return std::filesystem::exists(folder_.path() + "/" + id + ".effect");
  }
  Mark MarkOf(const std::string& id) const { return **store_.Read(id); }

  const TemporaryFolder folder_;
  const MarkStore store_;
  FaultSettings settings_;
};

TEST_F(FaultKeeper, AnAppliedFaultIsReportedWithItsReadBackAndInstant) {
  const std::int64_t before = RealtimeNs();
  const Answer answer = AnswerApply(settings_, Order("f"));
  EXPECT_EQ(answer.exit_code, 0) << answer.line;
  const json object = json::parse(answer.line);
  EXPECT_EQ(object.at("ok"), true);
  EXPECT_EQ(object.at("id"), "f");
  EXPECT_EQ(object.at("readback"), "a file");
  EXPECT_EQ(object.at("values").at("delay_ms"), 30);
  EXPECT_GE(object.at("guest_time_ns").get<std::int64_t>(), before);
  EXPECT_LE(object.at("guest_time_ns").get<std::int64_t>(), RealtimeNs());
  EXPECT_TRUE(EffectIsThere("f"));
  EXPECT_EQ(MarkOf("f").state, MarkState::kActive);
  EXPECT_EQ(json::parse(AnswerList(settings_).line).at("marks").at(0).at("active"), true);
  EXPECT_EQ(AnswerRevert(settings_, "f").exit_code, 0);
}

TEST_F(FaultKeeper, TheKeeperLeavesTheCallersSessionAndFiles) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  const pid_t keeper = MarkOf("f").keeper.pid;
  EXPECT_NE(getsid(keeper), getsid(0));
  const std::string proc = "/proc/" + std::to_string(keeper);
  for (const char* stream : {"/fd/0", "/fd/1", "/fd/2"}) {
    EXPECT_EQ(std::filesystem::read_symlink(proc + stream), "/dev/null");
  }
  EXPECT_EQ(std::filesystem::read_symlink(proc + "/cwd"), "/");
  ASSERT_TRUE(RevertFault(settings_, "f").ok());
}

TEST_F(FaultKeeper, AHangUpDoesNotEndAFault) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  for (const ProcessIdentity& process : {MarkOf("f").keeper, MarkOf("f").guard}) {
    const std::string status = *ReadFile("/proc/" + std::to_string(process.pid) + "/status");
    const std::size_t at = status.find("SigIgn:\t");
    ASSERT_NE(at, std::string::npos);
    EXPECT_TRUE(std::stoull(status.substr(at + 8, 16), nullptr, 16) & 1U << (SIGHUP - 1));
  }
  ASSERT_TRUE(RevertFault(settings_, "f").ok());
}

TEST_F(FaultKeeper, AFaultEndsByItsOwnTimerAndReportsThatInstant) {
  Result<ApplyReport> applied = ApplyFault(settings_, Order("f", 80));
  ASSERT_TRUE(applied.ok());
  ASSERT_TRUE(WaitForProcessToEnd(MarkOf("f").guard.pid));
  EXPECT_FALSE(EffectIsThere("f"));
  const std::int64_t lasted_ns = MarkOf("f").ended_ns - applied->verified_ns;
  EXPECT_GE(lasted_ns, 79'000'000);
  Result<RevertReport> report = RevertFault(settings_, "f");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->ended_ns, MarkOf("f").ended_ns);
  EXPECT_EQ(report->residue, "");
  EXPECT_EQ(report->note, "");
}

TEST_F(FaultKeeper, RevertingIsRepeatable) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  const Answer first = AnswerRevert(settings_, "f");
  EXPECT_FALSE(EffectIsThere("f"));
  EXPECT_EQ(json::parse(first.line).at("residue"), "");
  EXPECT_EQ(AnswerRevert(settings_, "f").line, first.line);
}

TEST_F(FaultKeeper, AnUnknownIdIsSaidToBeUnknown) {
  const Answer answer = AnswerRevert(settings_, "nobody");
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_EQ(json::parse(answer.line).at("unknown"), true);
}

TEST_F(FaultKeeper, AnIdIsUsedOnce) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  Result<ApplyReport> again = ApplyFault(settings_, Order("f"));
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().sentence, "there is a fault f already; use another id");
  EXPECT_TRUE(EffectIsThere("f"));
  ASSERT_TRUE(RevertFault(settings_, "f").ok());
}

TEST_F(FaultKeeper, AFaultThatCannotBeAppliedLeavesNothing) {
  FaultOrder order = Order("f");
  order.veth = "half-applied";
  const Answer answer = AnswerApply(settings_, order);
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_EQ(answer.line, R"({"ok":false,"error":"the kernel refused"})");
  EXPECT_FALSE(EffectIsThere("f"));
  EXPECT_TRUE(store_.List()->marks.empty());
}

TEST_F(FaultKeeper, AKeeperThatDiesWhileApplyingIsNoticed) {
  FaultOrder order = Order("f");
  order.veth = "die-in-apply";
  Result<ApplyReport> report = ApplyFault(settings_, order);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().sentence, "the fault's keeper died before it reported");
  EXPECT_EQ(MarkOf("f").state, MarkState::kEnded);
}

TEST_F(FaultKeeper, AFaultThatWasEndedWhileItStartedIsNeverRecordedAsActive) {
  FaultOrder order = Order("f");
  order.veth = "ended-in-apply";
  Result<ApplyReport> report = ApplyFault(settings_, order);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().sentence, "the fault f was reverted while it was starting");
  EXPECT_FALSE(EffectIsThere("f"));
  EXPECT_EQ(MarkOf("f").state, MarkState::kEnded);
  EXPECT_GT(MarkOf("f").ended_ns, 1) << "it was there for longer than the revert knew";
}

TEST_F(FaultKeeper, AKeeperThatBeganWhileTheRevertWaitedForItsTurnEndsTheFaultItself) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  const Mark begun = MarkOf("f");
  Mark not_begun = begun;
  not_begun.state = MarkState::kArmed;
  not_begun.keeper = not_begun.guard = ProcessIdentity();
  ASSERT_TRUE(store_.Write(not_begun).ok());
  Result<UniqueFd> lock = store_.Lock();
  ASSERT_TRUE(lock.ok());
  const UniqueFd reads(inotify_init1(IN_CLOEXEC));
  ASSERT_GE(
      inotify_add_watch(reads.get(), (settings_.mark_folder + "/f.json").c_str(), IN_CLOSE_NOWRITE),
      0);
  std::thread start([&] {
    pollfd first_read{reads.get(), POLLIN, 0};
    EXPECT_EQ(poll(&first_read, 1, 10000), 1);
    EXPECT_TRUE(store_.Write(begun).ok());
    lock->Reset();
  });
  Result<RevertReport> report = RevertFault(settings_, "f");
  start.join();
  ASSERT_TRUE(report.ok()) << report.error().sentence;
  EXPECT_FALSE(begun.keeper.IsAlive());
  EXPECT_EQ(report->note, "") << "the keeper ends it as planned";
  EXPECT_EQ(MarkOf("f").state, MarkState::kEnded);
  EXPECT_FALSE(EffectIsThere("f"));
}

TEST_F(FaultKeeper, TheGuardTakesTheFaultBackWhenTheKeeperIsKilled) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  const Mark mark = MarkOf("f");
  kill(mark.keeper.pid, SIGKILL);
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid));
  EXPECT_FALSE(EffectIsThere("f"));
  Result<RevertReport> report = RevertFault(settings_, "f");
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->note, "its keeper was killed");
  EXPECT_GT(report->ended_ns, 0);
}

TEST_F(FaultKeeper, TheRevertCommandWorksFromTheMarkWhenBothAreKilled) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  const Mark mark = MarkOf("f");
  kill(mark.guard.pid, SIGKILL);
  kill(mark.keeper.pid, SIGKILL);
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid) && WaitForProcessToEnd(mark.keeper.pid));
  EXPECT_TRUE(EffectIsThere("f"));
  ASSERT_TRUE(RevertFault(settings_, "f").ok());
  EXPECT_FALSE(EffectIsThere("f"));
}

TEST_F(FaultKeeper, OrphansAreTakenBackAndTheLivingLeftAlone) {
  ASSERT_TRUE(ApplyFault(settings_, Order("dead")).ok());
  ASSERT_TRUE(ApplyFault(settings_, Order("living")).ok());
  const Mark mark = MarkOf("dead");
  kill(mark.guard.pid, SIGKILL);
  kill(mark.keeper.pid, SIGKILL);
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid) && WaitForProcessToEnd(mark.keeper.pid));
  EXPECT_EQ(RevertOrphans(settings_), 1);
  EXPECT_FALSE(EffectIsThere("dead"));
  EXPECT_TRUE(EffectIsThere("living"));
  ASSERT_TRUE(RevertFault(settings_, "living").ok());
}

TEST_F(FaultKeeper, AnEffectThatIsLostEndsTheFaultThen) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  std::filesystem::remove(folder_.path() + "/f.effect");
  ASSERT_TRUE(WaitForProcessToEnd(MarkOf("f").guard.pid));
  EXPECT_EQ(RevertFault(settings_, "f")->note, "the file vanished");
}

TEST_F(FaultKeeper, AContainerThatStopsEndsTheFault) {
  const pid_t container = fork();
  if (container == 0) {
    pause();
    _exit(0);
  }
  FaultOrder order = Order("f");
  order.pid = container;
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  kill(container, SIGKILL);
  waitpid(container, nullptr, 0);
  ASSERT_TRUE(WaitForProcessToEnd(MarkOf("f").guard.pid));
  EXPECT_FALSE(EffectIsThere("f"));
  EXPECT_EQ(RevertFault(settings_, "f")->note, "the container stopped");
}

TEST_F(FaultKeeper, APulseMovesTheEffectAtItsEdges) {
  FaultOrder order = Order("f", 1000);
  order.shape.kind = "pulse";
  order.shape.period_s = 0.4;
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  ASSERT_TRUE(WaitForProcessToEnd(MarkOf("f").guard.pid));
  std::ifstream moves(folder_.path() + "/f.moves");
  double ms = 0;
  double share = -1;
  // On from 0, off from 0.2 s, on from 0.4 s, ... the first move is the one to "off".
  for (int move = 0; move < 4; ++move) {
    ASSERT_TRUE(moves >> ms >> share) << "only " << move << " moves";
    EXPECT_EQ(share, move % 2) << "at " << ms;
    EXPECT_NEAR(ms, 200 * move, 150);
  }
  EXPECT_FALSE(moves >> ms) << "the fault ends at 1 s, before the next edge";
}

TEST_F(FaultKeeper, ARampMovesTheEffectTenTimesASecond) {
  FaultOrder order = Order("f", 1000);
  order.shape.kind = "ramp";
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  ASSERT_TRUE(WaitForProcessToEnd(MarkOf("f").guard.pid));
  std::ifstream moves(folder_.path() + "/f.moves");
  double ms = 0;
  double share = 0;
  double last = 0;
  int count = 0;
  for (; moves >> ms >> share; ++count, last = share) EXPECT_GT(share, last);
  EXPECT_GE(count, 4) << "a busy machine may leave some out";
  EXPECT_LE(count, 9);
  EXPECT_LT(last, 1);
}

TEST_F(FaultKeeper, AnIntensityThatCannotBeMovedEndsTheFault) {
  FaultOrder order = Order("f");
  order.veth = "stiff";
  order.shape.kind = "ramp";
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  ASSERT_TRUE(WaitForProcessToEnd(MarkOf("f").guard.pid));
  EXPECT_FALSE(EffectIsThere("f"));
  EXPECT_EQ(RevertFault(settings_, "f")->note, "the file is stiff");
}

TEST_F(FaultKeeper, AFaultWhoseMarkIsRemovedEndsAtOnce) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  const Mark mark = MarkOf("f");
  ASSERT_TRUE(store_.Remove("f").ok());
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid));
  EXPECT_FALSE(EffectIsThere("f"));
}

TEST_F(FaultKeeper, WhatWasLeftOutHasItsDefaultOnTheMark) {
  ASSERT_TRUE(ApplyFault(settings_, Order("f")).ok());
  EXPECT_EQ(MarkOf("f").order.options.at("direction"), "in");
  EXPECT_EQ(MarkOf("f").order.parameters.at("delay_ms"), 30);
  ASSERT_TRUE(RevertFault(settings_, "f").ok());
}

TEST_F(FaultKeeper, ResidueIsShoutedAndTriedAgain) {
  FaultOrder order = Order("f", 1);
  order.veth = "sticky";
  ASSERT_TRUE(ApplyFault(settings_, order).ok());
  ASSERT_TRUE(WaitForProcessToEnd(MarkOf("f").guard.pid));
  const Answer answer = AnswerRevert(settings_, "f");
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_EQ(json::parse(answer.line).at("residue"), "the file sticks");
  EXPECT_EQ(json::parse(AnswerList(settings_).line).at("marks").at(0).at("active"), true);
  settings_.make_effect = [folder = folder_.path()](FaultOrder loose) {
    loose.veth = "veth1";
    return Result<std::unique_ptr<Effect>>(std::make_unique<FileEffect>(folder, loose));
  };
  EXPECT_EQ(AnswerRevert(settings_, "f").exit_code, 0);
  EXPECT_FALSE(EffectIsThere("f"));
}

TEST_F(FaultKeeper, RevertAllEndsEveryMark) {
  ASSERT_TRUE(ApplyFault(settings_, Order("a")).ok());
  ASSERT_TRUE(ApplyFault(settings_, Order("b")).ok());
  const json object = json::parse(AnswerRevertAll(settings_).line);
  EXPECT_EQ(object.at("ok"), true);
  ASSERT_EQ(object.at("reverted").size(), 2u);
  EXPECT_EQ(object.at("reverted").at(1).at("id"), "b");
  EXPECT_FALSE(EffectIsThere("a"));
  EXPECT_FALSE(EffectIsThere("b"));
  EXPECT_EQ(AnswerRevertAll(settings_).line, R"({"ok":true,"reverted":[]})");
}

TEST_F(FaultKeeper, ADamagedMarkIsToldAndTheOthersAreRevertedAllTheSame) {
  ASSERT_TRUE(ApplyFault(settings_, Order("z")).ok());
  folder_.Write("marks/torn.json", "{");
  const std::string sentence = "the mark " + settings_.mark_folder +
                               "/torn.json is damaged; take its fault back by hand and remove the "
                               "file";
  const Answer list = AnswerList(settings_);
  EXPECT_EQ(list.exit_code, 0);
  const json marks = json::parse(list.line).at("marks");
  ASSERT_EQ(marks.size(), 2u);
  EXPECT_EQ(marks.at(0).at("id"), "z");
  EXPECT_EQ(marks.at(1).at("id"), "torn");
  EXPECT_EQ(marks.at(1).at("state"), "damaged");
  EXPECT_EQ(marks.at(1).at("active"), true);
  EXPECT_EQ(marks.at(1).at("note"), sentence);

  const Answer reverted = AnswerRevertAll(settings_);
  EXPECT_EQ(reverted.exit_code, 1) << "a fault may be left";
  const json object = json::parse(reverted.line);
  ASSERT_EQ(object.at("reverted").size(), 2u);
  EXPECT_EQ(object.at("reverted").at(0).at("id"), "torn");
  EXPECT_EQ(object.at("reverted").at(0).at("error"), sentence);
  EXPECT_EQ(object.at("reverted").at(1).at("ok"), true);
  EXPECT_FALSE(EffectIsThere("z"));
}

TEST_F(FaultKeeper, ADamagedMarkDoesNotKeepOrphansFromBeingTakenBack) {
  ASSERT_TRUE(ApplyFault(settings_, Order("z")).ok());
  folder_.Write("marks/torn.json", "{");
  const Mark mark = MarkOf("z");
  kill(mark.guard.pid, SIGKILL);
  kill(mark.keeper.pid, SIGKILL);
  ASSERT_TRUE(WaitForProcessToEnd(mark.guard.pid) && WaitForProcessToEnd(mark.keeper.pid));
  EXPECT_EQ(RevertOrphans(settings_), 1);
  EXPECT_FALSE(EffectIsThere("z"));
}

}  // namespace
}  // namespace grayling::probe
