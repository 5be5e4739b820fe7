#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "probe/fault/effect.h"
#include "probe/fault/shape_pace.h"

namespace grayling::probe {

// What a keeper does between applying a fault and taking it back: moves its intensity along its
// shape, looks once a second whether it is still there, and waits for its end. SIGTERM and SIGINT
// must be blocked.
class FaultWatch {
 public:
  // `still_wanted` is asked once a second beside the effect itself; its error ends the fault.
  FaultWatch(Effect& effect, const FaultOrder& order, std::function<Status()> still_wanted)
      : effect_(effect), order_(order), still_wanted_(std::move(still_wanted)) {}

  // Returns when the fault, which began at `start_ns` of CLOCK_BOOTTIME, has to be taken back. Why:
  // empty as planned (by its time, or on request), else a sentence.
  std::string UntilItEnds(std::int64_t start_ns);

 private:
  Status Check();
  Status Move(ShapePace& pace);

  Effect& effect_;
  const FaultOrder& order_;
  std::function<Status()> still_wanted_;
};

}  // namespace grayling::probe
