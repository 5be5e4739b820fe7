#pragma once

#include <cstdint>

#include "base/fault_shape.h"
#include "probe/kernel/boot_timer.h"

namespace grayling::probe {

// Says when a fault's intensity has to move, and to what. Its instants lie on the fault's own grid
// of CLOCK_BOOTTIME, so that a late move does not shift the next one; what was missed meanwhile is
// left out. Not thread-safe.
class ShapePace {
 public:
  static Result<ShapePace> Start(const FaultShape& shape, std::int64_t start_ns,
                                 std::int64_t duration_ns);

  // Readable when a move is due; never, once the shape stands still.
  int fd() const { return timer_.fd(); }
  // The share that is due now, and arms the timer for the next one.
  Result<double> Move();

 private:
  ShapePace() = default;
  Status ArmAfter(std::int64_t elapsed_us);

  FaultShape shape_;
  std::int64_t start_ns_ = 0;
  std::int64_t duration_us_ = 0;
  BootTimer timer_;
};

}  // namespace grayling::probe
