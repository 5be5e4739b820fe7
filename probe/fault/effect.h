#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "probe/fault/fault_order.h"
#include "probe/kernel/result.h"

namespace grayling::probe {

// What the kernel said after a fault was applied.
struct ReadBack {
  std::string text;  // for people
  std::map<std::string, double> values;
};

// One fault's mechanics. An effect made afresh from the same order, in another process, can take
// back what the first one did: Revert finds what to undo in the kernel and in order.earlier, not in
// memory.
class Effect {
 public:
  virtual ~Effect() = default;

  // What Revert() will have to restore, read before anything is changed. The keeper puts it on
  // disk, then makes the effect anew from an order that holds it.
  virtual Result<std::map<std::string, std::string>> ReadEarlier() {
    return std::map<std::string, std::string>();
  }
  // Applies at the share with which the order's shape begins, reads the effect back and compares.
  // On error the caller calls Revert.
  virtual Result<ReadBack> Apply() = 0;
  // Moves the active fault's intensity (IntensityAt()). Called from the keeper's loop, up to ten
  // times a second, for shapes that are not constant.
  virtual Status SetShare(double share) = 0;
  // Asked once a second while the fault is active. An error says how it was lost.
  virtual Status StillThere() = 0;
  // Whether the fault is over when the container's first process ends.
  virtual bool EndsWithItsContainer() const { return true; }
  // Takes the fault back and reads its absence back. Safe to repeat, and safe when nothing was
  // applied. An error says what remains.
  virtual Status Revert() = 0;
};

using EffectMaker = std::function<Result<std::unique_ptr<Effect>>(const FaultOrder&)>;

// The effects that this program knows, by the order's kind.
Result<std::unique_ptr<Effect>> MakeEffect(const FaultOrder& order);

}  // namespace grayling::probe
