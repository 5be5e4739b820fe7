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
    return Error{"no fault " + id + " is known in this guest; 'fault list' shows those that are",
                 kUnknownFault};
  }
  return **mark;
}

bool IsOrphan(const Mark& mark) {
  // Without a keeper on record the mark was only just written: its guard is about to start.
  const bool started = mark.keeper.pid != 0;
  return mark.MayBeActive() && started && !mark.keeper.IsAlive() && !mark.guard.IsAlive();
}

}  // namespace

Result<RevertReport> RevertFault(const FaultSettings& settings, const std::string& id) {
  if (Status valid = ValidateId(id); !valid.ok()) return valid.error();
  const MarkStore store(settings.mark_folder);
  Result<Mark> mark = ReadMark(store, id);
  if (!mark.ok()) return mark.error();
  if (mark->MayBeActive() && mark->keeper.IsAlive()) EndKeeper(mark->keeper);
  Result<UniqueFd> lock = store.Lock();
  if (!lock.ok()) return lock.error();
  mark = ReadMark(store, id);
  if (!mark.ok()) return mark.error();
  return UndoFromMark(settings, store, std::move(*mark), kNoteKeeperDied);
}

Result<std::map<std::string, Result<RevertReport>>> RevertAllFaults(const FaultSettings& settings) {
  Result<std::vector<Mark>> marks = MarkStore(settings.mark_folder).List();
  if (!marks.ok()) return marks.error();
  std::map<std::string, Result<RevertReport>> reports;
  for (const Mark& mark : *marks) {
    if (!mark.MayBeActive()) continue;
    reports.emplace(mark.order.id, RevertFault(settings, mark.order.id));
  }
  return reports;
}

int RevertOrphans(const FaultSettings& settings) {
  const MarkStore store(settings.mark_folder);
  Result<std::vector<Mark>> marks = store.List();
  if (!marks.ok()) return 0;
  int reverted = 0;
  for (const Mark& seen : *marks) {
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
