#include "probe/fault/fault_revert.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace grayling::probe {
namespace {

constexpr int kKeeperPatienceMs = 20000;
constexpr char kNoteKeeperDied[] = "its keeper died before its time";

// Sends SIGTERM and waits for the process to end; SIGKILL when it does not.
void EndKeeper(const ProcessIdentity& keeper) {
  UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, keeper.pid, 0)));
  // The identity is checked after the descriptor is held: from here on it cannot be a stranger.
  if (!process.valid() || !keeper.IsAlive()) return;
  syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0);
  pollfd waiting{process.get(), POLLIN, 0};
  int ready = poll(&waiting, 1, kKeeperPatienceMs);
  if (ready > 0) return;
  syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
  poll(&waiting, 1, kKeeperPatienceMs);
}

Result<Mark> ReadMark(const MarkStore& store, const std::string& id) {
  Result<std::optional<Mark>> mark = store.Read(id);
  if (!mark.ok()) return mark.error();
  if (!*mark) {
    return Error{"no fault " + id + " is known here; 'fault list' shows those that are",
                 kUnknownFault};
  }
  return **mark;
}

bool HasKeeperAtWork(const Mark& mark) { return mark.MayBeActive() && mark.keeper.IsAlive(); }

bool IsOrphan(const Mark& mark) {
  // Without a keeper on record the mark was only just written: its guard is about to start.
  const bool started = mark.keeper.pid != 0;
  return mark.MayBeActive() && started && !mark.keeper.IsAlive() && !mark.guard.IsAlive();
}

}  // namespace

Result<RevertReport> RevertFault(const FaultSettings& settings, const std::string& id) {
  if (Status valid = ValidateId(id); !valid.ok()) return valid.error();
  const MarkStore store(settings.mark_folder);
  bool keeper_was_asked = false;
  while (true) {
    Result<Mark> mark = ReadMark(store, id);
    if (!mark.ok()) return mark.error();
    if (!keeper_was_asked && HasKeeperAtWork(*mark)) {
      EndKeeper(mark->keeper);
      keeper_was_asked = true;
    }
    Result<UniqueFd> lock = store.Lock();
    if (!lock.ok()) return lock.error();
    mark = ReadMark(store, id);
    if (!mark.ok()) return mark.error();
    // While we waited for the lock a keeper may have begun: the fault is still its to end.
    if (!keeper_was_asked && HasKeeperAtWork(*mark)) continue;
    return UndoFromMark(settings, store, std::move(*mark), kNoteKeeperDied);
  }
}

Result<std::map<std::string, Result<RevertReport>>> RevertAllFaults(const FaultSettings& settings) {
  Result<MarkList> list = MarkStore(settings.mark_folder).List();
  if (!list.ok()) return list.error();
  std::map<std::string, Result<RevertReport>> reports;
  for (const Mark& mark : list->marks) {
    if (!mark.MayBeActive()) continue;
    reports.emplace(mark.order.id, RevertFault(settings, mark.order.id));
  }
  for (const DamagedMark& damaged : list->damaged) {
    reports.emplace(damaged.id, Error{damaged.sentence});
  }
  return reports;
}

int RevertOrphans(const FaultSettings& settings) {
  const MarkStore store(settings.mark_folder);
  Result<MarkList> list = store.List();
  if (!list.ok()) return 0;
  int reverted = 0;
  for (const Mark& seen : list->marks) {
    if (!IsOrphan(seen)) continue;
    Result<UniqueFd> lock = store.Lock();
    if (!lock.ok()) return reverted;
    Result<std::optional<Mark>> mark = store.Read(seen.order.id);
    if (!mark.ok() || !*mark || !IsOrphan(**mark)) continue;
    if (UndoFromMark(settings, store, std::move(**mark), kNoteKeeperDied).ok()) ++reverted;
  }
  return reverted;
}

}  // namespace grayling::probe
