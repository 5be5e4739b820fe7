#include "probe/fault/keeper_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/fault/fault_watch.h"
#include "probe/kernel/boot_timer.h"
#include "probe/kernel/files.h"

namespace grayling::probe {
namespace {

using nlohmann::json;

// How long after a fault's time its keeper may still be at work, applying and reverting included.
constexpr std::int64_t kKeeperGraceMs = 30000;
constexpr char kNoteKeeperKilled[] = "its keeper was killed";

void Report(UniqueFd& pipe, const json& object) {
  const std::string line = object.dump(-1, ' ', false, json::error_handler_t::replace);
  // A caller that no longer listens does not change the fault's life: SIGPIPE is ignored.
  static_cast<void>(!write(pipe.get(), line.data(), line.size()));
  pipe.Reset();
}

[[noreturn]] void Refuse(UniqueFd& pipe, const std::string& sentence) {
  Report(pipe, {{"ok", false}, {"error", sentence}});
  _exit(0);
}

// Keeps `kept` and nothing else; standard streams go to /dev/null so that nobody waits for them.
UniqueFd CloseAllBut(UniqueFd kept) {
  constexpr int kPlace = 3;
  if (kept.get() != kPlace) {
    dup2(kept.get(), kPlace);
    kept = UniqueFd(kPlace);
  }
  close_range(kPlace + 1, ~0U, 0);
  const int null = open("/dev/null", O_RDWR);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, stream);
  if (null > kPlace) close(null);
  return kept;
}

Status LeaveCgroup(const std::string& cgroup) {
  if (cgroup.empty()) return Done{};
  if (mkdir(cgroup.c_str(), 0755) != 0 && errno != EEXIST) {
    return SystemError("cannot make the keepers' cgroup " + cgroup);
  }
  return WriteOnce(cgroup + "/cgroup.procs", "0");
}

sigset_t Signals(std::initializer_list<int> numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers) sigaddset(&set, number);
  return set;
}

// Changes the mark of a fault that is being started. An error when somebody has ended it meanwhile:
// then the mark stays as that left it.
Status Record(const MarkStore& store, const std::string& id,
              const std::function<void(Mark&)>& change) {
  Result<UniqueFd> lock = store.Lock();
  if (!lock.ok()) return lock.error();
  Result<std::optional<Mark>> mark = store.Read(id);
  if (!mark.ok()) return mark.error();
  if (!*mark) return Error{"the mark of " + id + " was removed while the fault was starting"};
  if ((*mark)->state != MarkState::kArmed) {
    return Error{"the fault " + id + " was reverted while it was starting"};
  }
  change(**mark);
  return store.Write(**mark);
}

// A fault that nobody could list or revert any more must not go on.
Status IsOnRecord(const MarkStore& store, const std::string& id) {
  Result<std::optional<Mark>> mark = store.Read(id);
  if (!mark.ok() || *mark) return Done{};  // a damaged one is reported where it is listed
  return Error{"its mark was removed"};
}

// The fault did not come to be: take back what was done of it and forget it. The mark stays when
// something remains, as residue, and when somebody else has recorded the end already.
[[noreturn]] void GiveUp(const MarkStore& store, Effect& effect, const FaultOrder& order,
                         UniqueFd& report, std::string sentence) {
  Status undone = effect.Revert();
  if (!undone.ok()) sentence += "; and it could not be taken back: " + undone.error().sentence;
  {
    Result<UniqueFd> lock = store.Lock();
    Result<std::optional<Mark>> read = store.Read(order.id);
    Mark* mark = read.ok() && *read ? &**read : nullptr;
    if (undone.ok() && (mark == nullptr || mark->state == MarkState::kArmed)) {
      static_cast<void>(store.Remove(order.id));
    } else if (mark != nullptr) {
      mark->state = undone.ok() ? MarkState::kEnded : MarkState::kResidue;
      mark->ended_ns = RealtimeNs();
      mark->note = sentence;
      static_cast<void>(store.Write(*mark));
    }
  }
  Refuse(report, sentence);
}

// Fills order.earlier in.
Result<std::unique_ptr<Effect>> MakeWithEarlier(const FaultSettings& settings, FaultOrder& order) {
  Result<std::unique_ptr<Effect>> made = settings.make_effect(order);
  if (!made.ok()) return made;
  Result<std::map<std::string, std::string>> earlier = (*made)->ReadEarlier();
  if (!earlier.ok()) return earlier.error();
  order.earlier = *earlier;
  return settings.make_effect(order);
}

}  // namespace

void RunGuard(const FaultSettings& settings, const FaultOrder& order, UniqueFd report) {
  setsid();
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  const sigset_t watched = Signals({SIGTERM, SIGINT, SIGCHLD});
  sigprocmask(SIG_BLOCK, &watched, nullptr);
  static_cast<void>(!chdir("/"));
  report = CloseAllBut(std::move(report));
  const MarkStore store(settings.mark_folder);
  if (Status left = LeaveCgroup(settings.keeper_cgroup); !left.ok()) {
    static_cast<void>(store.Remove(order.id));
    Refuse(report, left.error().sentence);
  }
  prctl(PR_SET_NAME, "grayling-guard");
  const ProcessIdentity self = ProcessIdentity::Of(getpid());
  const pid_t keeper = fork();
  if (keeper == 0) RunKeeper(settings, order, self, std::move(report));
  if (keeper < 0) {
    static_cast<void>(store.Remove(order.id));
    Refuse(report, "cannot start the fault's keeper");
  }
  report.Reset();
  const std::int64_t latest_ns = BootTimeNs() + (order.ttl_ms + kKeeperGraceMs) * 1'000'000;
  const timespec period{1, 0};
  while (waitpid(keeper, nullptr, WNOHANG) == 0) {
    const int number = sigtimedwait(&watched, nullptr, &period);
    if (number == SIGTERM || number == SIGINT) kill(keeper, SIGTERM);
    if (BootTimeNs() > latest_ns) kill(keeper, SIGKILL);  // it hangs: the mark tells us how to undo
  }
  Result<UniqueFd> lock = store.Lock();
  Result<std::optional<Mark>> mark = store.Read(order.id);
  if (lock.ok() && mark.ok() && *mark && (*mark)->state != MarkState::kResidue) {
    static_cast<void>(UndoFromMark(settings, store, std::move(**mark), kNoteKeeperKilled));
  }
  _exit(0);
}

void RunKeeper(const FaultSettings& settings, FaultOrder order, const ProcessIdentity& guard,
               UniqueFd report) {
  const sigset_t held = Signals({SIGTERM, SIGINT});
  sigprocmask(SIG_BLOCK, &held, nullptr);
  prctl(PR_SET_NAME, kKeeperName);
  const MarkStore store(settings.mark_folder);
  Result<std::unique_ptr<Effect>> made = MakeWithEarlier(settings, order);
  if (!made.ok()) {
    static_cast<void>(store.Remove(order.id));
    Refuse(report, made.error().sentence);
  }
  Effect& effect = **made;
  Status armed = Record(store, order.id, [&](Mark& mark) {
    mark.order.earlier = order.earlier;
    mark.keeper = ProcessIdentity::Of(getpid());
    mark.guard = guard;
  });
  if (!armed.ok()) Refuse(report, armed.error().sentence);
  Result<ReadBack> applied = effect.Apply();
  if (!applied.ok()) GiveUp(store, effect, order, report, applied.error().sentence);
  const std::int64_t verified_ns = RealtimeNs();
  const std::int64_t start_ns = BootTimeNs();
  Status active = Record(store, order.id, [](Mark& mark) { mark.state = MarkState::kActive; });
  if (!active.ok()) GiveUp(store, effect, order, report, active.error().sentence);
  Report(report, {{"ok", true},
                  {"verified_ns", verified_ns},
                  {"readback", applied->text},
                  {"values", applied->values}});
  const auto still_wanted = [&] { return IsOnRecord(store, order.id); };
  const std::string note = FaultWatch(effect, order, still_wanted).UntilItEnds(start_ns);
  // Without the store's lock, which others may need meanwhile: while its keeper lives, nobody else
  // takes the fault back.
  const Status undone = effect.Revert();
  const std::int64_t undone_ns = RealtimeNs();
  Result<UniqueFd> lock = store.Lock();
  Result<std::optional<Mark>> mark = store.Read(order.id);
  if (!lock.ok() || !mark.ok() || !*mark) _exit(1);
  static_cast<void>(RecordEnd(store, std::move(**mark), undone, undone_ns, note));
  _exit(0);
}

}  // namespace grayling::probe
