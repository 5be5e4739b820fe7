#pragma once

#include "daemon/store/fault_journal.h"

namespace grayling {

// Told of a fault's two instants when they are in the journal, by the thread that works on the
// fault. Must be thread-safe and return at once.
class FaultObserver {
 public:
  virtual ~FaultObserver() = default;
  virtual void OnVerified(const FaultRecord& fault) = 0;
  // REVERTED or FAILED; the latter may never have acted.
  virtual void OnEnded(const FaultRecord& fault) = 0;
};

}  // namespace grayling
