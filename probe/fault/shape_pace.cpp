#include "probe/fault/shape_pace.h"

#include <limits>
#include <optional>

namespace grayling::probe {

Result<ShapePace> ShapePace::Start(const FaultShape& shape, std::int64_t start_ns,
                                   std::int64_t duration_ns) {
  Result<BootTimer> timer = BootTimer::Open();
  if (!timer.ok()) return timer.error();
  ShapePace pace;
  pace.shape_ = shape;
  pace.start_ns_ = start_ns;
  pace.duration_us_ = duration_ns / 1000;
  pace.timer_ = std::move(*timer);
  if (Status armed = pace.ArmAfter(0); !armed.ok()) return armed.error();
  return pace;
}

Result<double> ShapePace::Move() {
  const std::int64_t elapsed_us = (BootTimeNs() - start_ns_) / 1000;
  if (Status armed = ArmAfter(elapsed_us); !armed.ok()) return armed.error();
  return ShareAt(shape_, static_cast<double>(elapsed_us) / 1e6,
                 static_cast<double>(duration_us_) / 1e6);
}

Status ShapePace::ArmAfter(std::int64_t elapsed_us) {
  const std::optional<std::int64_t> next = NextChangeUs(shape_, elapsed_us, duration_us_);
  return timer_.Set(next ? start_ns_ + *next * 1000 : std::numeric_limits<std::int64_t>::max());
}

}  // namespace grayling::probe
