#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/load/load_generator.h"

namespace grayling {

// The load of one campaign, in one of its levels..
class CampaignLoad {
 public:
  // `levels` have their final addresses. `is_on`: the first one to be used runs already.
  CampaignLoad(LoadGenerator& generator, std::vector<LoadSettings> levels, bool is_on, size_t level)
      : generator_(generator), levels_(std::move(levels)), is_on_(is_on), level_(level) {}

  bool IsOn() const { return is_on_; }
  size_t level() const { return level_; }
  absl::Duration RampUp(size_t level) const { return levels_[level].ramp_up; }

  // Makes `level` run; what runs already goes on. FAILED_PRECONDITION when somebody else's load
  // runs.
  absl::Status Run(size_t level);
  absl::Status Stop();
  // Somebody stopped the load of a campaign that wants it.
  bool HasDied() { return is_on_ && !generator_.Statistics().running; }

 private:
  LoadGenerator& generator_;
  const std::vector<LoadSettings> levels_;
  bool is_on_;
  size_t level_;
};

}  // namespace grayling
