#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {

// "window 2/6  during  network.delay on visits-service".
std::string DescribeProgress(const v1::Campaign& campaign);

// Starts a campaign, shows its progress until it has ended, and prints it. OK only when it
// completed. Ctrl-C asks the daemon to abort it, and says so.
absl::Status StartAndFollowCampaign(Session& session, const v1::StartCampaignRequest& request);

}  // namespace grayling
