#include <gmock/gmock.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "absl/synchronization/notification.h"
#include "fake_daemon.h"
#include "grayling/v1/campaign.grpc.pb.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

// Runs one campaign. With `interrupt` it plays a user who presses Ctrl-C once the campaign is
// followed, and ends it when it is asked to abort it.
class FakeCampaigns final : public v1::CampaignService::Service {
 public:
  grpc::Status StartCampaign(grpc::ServerContext*, const v1::StartCampaignRequest* request,
                             v1::Campaign* campaign) override {
    plan = request->plan_yaml();
    campaign->set_name("campaigns/1");
    campaign->set_state(v1::CAMPAIGN_STATE_RUNNING);
    campaign->mutable_planned_duration()->set_seconds(60);
    return grpc::Status::OK;
  }
  grpc::Status WatchCampaign(grpc::ServerContext*, const v1::WatchCampaignRequest* request,
                             grpc::ServerWriter<v1::WatchCampaignResponse>* writer) override {
    v1::WatchCampaignResponse response;
    response.mutable_campaign()->set_name(request->name());
    response.mutable_campaign()->set_state(v1::CAMPAIGN_STATE_RUNNING);
    writer->Write(response);
    if (interrupt) {
      kill(getpid(), SIGINT);
      aborted.WaitForNotificationWithTimeout(absl::Seconds(20));
    }
    response.mutable_campaign()->set_state(end);
    response.mutable_campaign()->set_reason(reason);
    writer->Write(response);
    return grpc::Status::OK;
  }
  grpc::Status AbortCampaign(grpc::ServerContext*, const v1::AbortCampaignRequest* request,
                             v1::Campaign* campaign) override {
    campaign->set_name(request->name());
    aborted.Notify();
    return grpc::Status::OK;
  }

  std::string plan;
  v1::CampaignState end = v1::CAMPAIGN_STATE_COMPLETED;
  std::string reason;
  bool interrupt = false;
  absl::Notification aborted;
};

// Before any thread of gRPC, so that a Ctrl-C reaches only the one who waits for it.
class BlockInterrupts final : public testing::Environment {
 public:
  void SetUp() override {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  }
};
testing::Environment* const kBlockInterrupts =
    testing::AddGlobalTestEnvironment(std::make_unique<BlockInterrupts>().release());

class FollowCampaignTest : public testing::Test {
 protected:
  FollowCampaignTest() {
    daemon_ = std::make_unique<FakeDaemon>(std::vector<grpc::Service*>{&campaigns_});
    plan_ = daemon_->folder() + "/plan.yaml";
    std::ofstream(plan_) << "name: demo\n";
  }

  Result Run() { return RunGrayling(daemon_->address(), {"campaign", "run", plan_}); }

  FakeCampaigns campaigns_;
  std::unique_ptr<FakeDaemon> daemon_;
  std::string plan_;
};

TEST_F(FollowCampaignTest, FollowsACampaignToItsEnd) {
  const Result result = Run();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(campaigns_.plan, "name: demo\n");
  EXPECT_THAT(result.err, HasSubstr("started campaigns/1, takes 1m"));
  EXPECT_THAT(result.out, HasSubstr("campaigns/1: completed"));
}

TEST_F(FollowCampaignTest, FailsWithTheCampaign) {
  campaigns_.end = v1::CAMPAIGN_STATE_FAILED;
  campaigns_.reason = "the guest does not answer";
  const Result result = Run();
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("grayling: campaigns/1 failed: the guest does not answer\n"));
}

TEST_F(FollowCampaignTest, AbortsTheCampaignOnCtrlCAndSaysSo) {
  campaigns_.interrupt = true;
  campaigns_.end = v1::CAMPAIGN_STATE_ABORTED;
  const Result result = Run();
  EXPECT_TRUE(campaigns_.aborted.HasBeenNotified());
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("asking the daemon to abort campaigns/1"));
  EXPECT_THAT(result.err, HasSubstr("grayling: campaigns/1 aborted\n"));
}

TEST_F(FollowCampaignTest, SaysWhenThePlanCannotBeRead) {
  plan_ += ".missing";
  const Result result = Run();
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot read the file"));
}

}  // namespace
}  // namespace grayling
