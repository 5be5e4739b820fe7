#pragma once

#include <functional>
#include <string>

#include "probe/fault/effect.h"
#include "probe/fault/mark_store.h"
#include "probe/fault/stray_effects.h"

namespace grayling::probe {

// Where faults are kept, and with what they are made.
struct FaultSettings {
  std::string mark_folder = kMarkFolder;
  // The cgroup into which keepers move, so that stopping the service that called us (the guest
  // agent) does not kill them. Empty: they stay where they are.
  std::string keeper_cgroup = "/sys/fs/cgroup/grayling";
  EffectMaker make_effect = MakeEffect;
  // What reverting all faults looks for beside the marks. Empty: nothing.
  std::function<StrayReport()> remove_strays;
};

struct ApplyReport {
  std::int64_t verified_ns = 0;  // CLOCK_REALTIME of the read-back
  ReadBack read_back;
};

struct RevertReport {
  std::int64_t ended_ns = 0;  // CLOCK_REALTIME when it really ended
  std::string residue;        // empty when nothing remains
  std::string note;           // why it ended before its time, if it did
};

// Starts two processes that outlive the caller: a keeper, which applies the fault and takes it back
// at its time, on SIGTERM, or when the container goes; and a guard, which takes it back when the
// keeper is killed. The order, with its kind's defaults filled in, is on disk before
// either touches anything. On error nothing is left
// behind, or the error says what is.
Result<ApplyReport> ApplyFault(const FaultSettings& settings, const FaultOrder& asked);

// Records how taking a fault back went, unless its end is on record already. The caller holds the
// store's lock.
Result<RevertReport> RecordEnd(const MarkStore& store, Mark mark, const Status& undone,
                               std::int64_t undone_ns, const std::string& note);

// Takes the fault back from its mark alone, whoever applied it, unless that has been done. Records
// the end. The caller holds the store's lock.
Result<RevertReport> UndoFromMark(const FaultSettings& settings, const MarkStore& store, Mark mark,
                                  const std::string& note);

}  // namespace grayling::probe
