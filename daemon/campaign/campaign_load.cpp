#include "daemon/campaign/campaign_load.h"

#include "base/status_macros.h"

namespace grayling {

absl::Status CampaignLoad::Run(size_t level) {
  if (is_on_ && level == level_) return absl::OkStatus();
  GRAYLING_RETURN_IF_ERROR(Stop());
  GRAYLING_RETURN_IF_ERROR(generator_.Start(levels_[level]));
  is_on_ = true;
  level_ = level;
  return absl::OkStatus();
}

absl::Status CampaignLoad::Stop() {
  if (!is_on_) return absl::OkStatus();
  is_on_ = false;
  return generator_.Stop();
}

}  // namespace grayling
