#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "probe/fault/fault_order.h"
#include "probe/fault/process_identity.h"
#include "probe/kernel/result.h"
#include "probe/kernel/unique_fd.h"

namespace grayling::probe {

inline constexpr char kMarkFolder[] = "/run/grayling/faults";

enum class MarkState {
  kArmed,    // written before anything was done; the effect may or may not be there
  kActive,   // applied and read back
  kEnded,    // taken back, and its absence read back
  kResidue,  // taking it back failed; `note` says what remains
};

// Everything needed to take one fault back, by a process that knows nothing else.
struct Mark {
  FaultOrder order;
  MarkState state = MarkState::kArmed;
  ProcessIdentity keeper;
  ProcessIdentity guard;
  std::int64_t ended_ns = 0;  // CLOCK_REALTIME; 0 while it may be active
  std::string note;           // why it ended early, or what remains

  bool MayBeActive() const { return state != MarkState::kEnded; }
};

// A file that is no readable mark: its fault may or may not be active.
struct DamagedMark {
  std::string id;  // as its file is called
  std::string sentence;
};

// Each sorted by id.
struct MarkList {
  std::vector<Mark> marks;
  std::vector<DamagedMark> damaged;
};

// The folder of marks, one JSON file each. Safe for several processes: hold Lock() around a read
// that leads to a write.
class MarkStore {
 public:
  explicit MarkStore(std::string folder) : folder_(std::move(folder)) {}

  // Makes the folder where it is missing.
  Status Prepare() const;
  // Exclusive among processes until the result is destroyed; waits for its turn.
  Result<UniqueFd> Lock() const;
  Status Write(const Mark& mark) const;
  // std::nullopt when there is no such mark.
  Result<std::optional<Mark>> Read(const std::string& id) const;
  // An error concerns the folder; a damaged file is listed as that, beside the others.
  Result<MarkList> List() const;
  Status Remove(const std::string& id) const;
  // Forgets faults that ended before this instant.
  void PruneEnded(std::int64_t before_ns) const;

 private:
  std::string PathOf(const std::string& id) const { return folder_ + "/" + id + ".json"; }

  std::string folder_;
};

}  // namespace grayling::probe
