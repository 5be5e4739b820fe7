#include "client/cli/follow_campaign.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/proto_time.h"
#include "client/cli/dispatch.h"
#include "client/cli/interrupt_watch.h"
#include "client/cli/output/tables.h"
#include "client/cli/progress_line.h"
#include "grayling/v1/campaign.grpc.pb.h"

namespace grayling {
namespace {

// A campaign may run late by reverts, retries and pauses; the daemon ends it, not this deadline.
constexpr absl::Duration kFollowMargin = absl::Hours(7 * 24);
constexpr absl::Duration kAbortDeadline = absl::Minutes(2);

bool Ended(const v1::Campaign& campaign) {
  return campaign.state() != v1::CAMPAIGN_STATE_RUNNING &&
         campaign.state() != v1::CAMPAIGN_STATE_PAUSED &&
         campaign.state() != v1::CAMPAIGN_STATE_UNSPECIFIED;
}

// The word of a Ctrl-C between the thread that takes it and the one that follows. A Ctrl-C before
// the campaign has a name aborts it as soon as it has one.
class AbortOnInterrupt {
 public:
  explicit AbortOnInterrupt(Session& session) : session_(session) {}

  void Interrupted() {
    absl::MutexLock lock(&mutex_);
    interrupted_ = true;
    if (!name_.empty()) Abort();
  }
  void Started(const std::string& name, ProgressLine& progress) {
    absl::MutexLock lock(&mutex_);
    name_ = name;
    progress_ = &progress;
    if (interrupted_) Abort();
  }
  // The progress line is about to go.
  void Over() {
    absl::MutexLock lock(&mutex_);
    name_.clear();
    progress_ = nullptr;
  }

 private:
  void Abort() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    progress_->Say(absl::StrCat("asking the daemon to abort ", name_,
                                " and to revert its faults; Ctrl-C again stops following"));
    v1::AbortCampaignRequest request;
    request.set_name(name_);
    const auto aborted = Call<v1::CampaignService>(
        session_, &v1::CampaignService::Stub::AbortCampaign, request, kAbortDeadline);
    if (!aborted.ok()) {
      progress_->Say(absl::StrCat("the campaign was not aborted: ", aborted.status().message()));
    }
  }

  Session& session_;
  absl::Mutex mutex_;
  bool interrupted_ ABSL_GUARDED_BY(mutex_) = false;
  std::string name_ ABSL_GUARDED_BY(mutex_);
  ProgressLine* progress_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

absl::Status Follow(Session& session, AbortOnInterrupt& abort, v1::Campaign& campaign) {
  const absl::Duration planned = FromProto(campaign.planned_duration());
  ProgressLine progress(session.err(), session.err_is_terminal(), planned);
  progress.SetText(DescribeProgress(campaign));
  progress.Say(
      absl::StrCat("started ", campaign.name(), ", takes ", absl::FormatDuration(planned)));
  abort.Started(campaign.name(), progress);
  v1::WatchCampaignRequest request;
  request.set_name(campaign.name());
  const absl::Status status = Stream<v1::CampaignService>(
      session, &v1::CampaignService::Stub::WatchCampaign, request, planned + kFollowMargin,
      absl::FunctionRef<bool(const v1::WatchCampaignResponse&)>(
          [&](const v1::WatchCampaignResponse& response) {
            campaign = response.campaign();
            progress.SetText(DescribeProgress(campaign));
            return !Ended(campaign);
          }));
  abort.Over();
  return status;
}

}  // namespace

std::string DescribeProgress(const v1::Campaign& campaign) {
  int begun = 0;
  std::string active;
  for (const v1::FaultWindow& window : campaign.windows()) {
    if (window.has_start_time() || window.outcome() == "active") ++begun;
    if (window.outcome() != "active") continue;
    absl::StrAppend(&active, active.empty() ? "" : ", ", window.spec().kind());
    if (!window.spec().service().empty()) {
      absl::StrAppend(&active, " on ", window.spec().service());
    }
  }
  std::string text = absl::StrCat("window ", begun, "/", campaign.windows_size());
  if (!campaign.reason().empty()) return absl::StrCat(text, "  ", campaign.reason());
  if (!campaign.phase().empty()) absl::StrAppend(&text, "  ", campaign.phase());
  if (!active.empty()) absl::StrAppend(&text, "  ", active);
  return text;
}

absl::Status StartAndFollowCampaign(Session& session, const v1::StartCampaignRequest& request) {
  AbortOnInterrupt abort(session);
  const InterruptWatch watch([&abort] { abort.Interrupted(); });
  GRAYLING_ASSIGN_OR_RETURN(
      v1::Campaign campaign,
      Call<v1::CampaignService>(session, &v1::CampaignService::Stub::StartCampaign, request));
  GRAYLING_RETURN_IF_ERROR(Follow(session, abort, campaign));
  session.Print(campaign, TableOf(campaign));
  if (campaign.state() == v1::CAMPAIGN_STATE_COMPLETED) return absl::OkStatus();
  return absl::AbortedError(absl::StrCat(campaign.name(), " ", StateName(campaign.state()),
                                         campaign.reason().empty() ? "" : ": ", campaign.reason()));
}

}  // namespace grayling
