#include "daemon/rpc/campaign_service.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include "tests/unit/campaign/campaigns_fixture.h"

namespace grayling {
namespace {

// Through a real channel inside this process: watching needs a real server context.
class CampaignServiceTest : public CampaignsTest {
 protected:
  CampaignServiceTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::CampaignService::NewStub(server_->InProcessChannel({}));
  }
  ~CampaignServiceTest() override { server_->Shutdown(); }

  CampaignServiceAdapter service_{*campaigns_, load_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CampaignService::Stub> stub_;
};

TEST_F(CampaignServiceTest, PlanningShowsTheTimelineAndStartsNothing) {
  grpc::ClientContext context;
  v1::PlanCampaignRequest request;
  request.set_plan_yaml(TwoWindows());
  v1::PlanCampaignResponse response;
  ASSERT_TRUE(stub_->PlanCampaign(&context, request, &response).ok());
  EXPECT_EQ(response.duration().seconds(), 37);
  ASSERT_EQ(response.windows_size(), 2);
  EXPECT_EQ(response.windows(1).index(), 1);
  EXPECT_EQ(response.windows(1).group(), "r1");
  EXPECT_EQ(response.windows(1).spec().kind(), "cpu.load");
  ASSERT_EQ(response.classes_size(), 2);
  EXPECT_EQ(response.classes(0).kind(), "cpu.load");
  EXPECT_EQ(response.classes(0).windows(), 1);
  // 8 users, 37 s, 5 s of ramp-up.
  EXPECT_NEAR(response.traffic().requests(), 8 / 0.313 * 34.5, 10);
  EXPECT_THAT(response.svg(), ::testing::StartsWith("<svg "));
  EXPECT_FALSE(load_.Statistics().running);
  EXPECT_TRUE(campaigns_->List()->empty());
}

TEST_F(CampaignServiceTest, ABadPlanIsAnInvalidArgumentWithItsPlace) {
  grpc::ClientContext context;
  v1::PlanCampaignRequest request;
  request.set_plan_yaml("name: x\nnmae: y\n");
  v1::PlanCampaignResponse response;
  const grpc::Status status = stub_->PlanCampaign(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), ::testing::HasSubstr("plan line 2, column 1: unknown key"));
}

TEST_F(CampaignServiceTest, WatchingEndsWhenTheCampaignHasEnded) {
  const v1::Campaign campaign = Started(TwoWindows());
  grpc::ClientContext context;
  v1::WatchCampaignRequest request;
  request.set_name(campaign.name());
  const auto reader = stub_->WatchCampaign(&context, request);
  v1::WatchCampaignResponse response;
  v1::Campaign last;
  while (reader->Read(&response)) last = response.campaign();
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(last.state(), v1::CAMPAIGN_STATE_COMPLETED);
}

TEST_F(CampaignServiceTest, WatchingEndsWhenTheWatcherCancels) {
  clock_.HaltAt(start_ + absl::Seconds(5));
  const v1::Campaign campaign = Started(TwoWindows());
  grpc::ClientContext context;
  v1::WatchCampaignRequest request;
  request.set_name(campaign.name());
  const auto reader = stub_->WatchCampaign(&context, request);
  v1::WatchCampaignResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.campaign().state(), v1::CAMPAIGN_STATE_RUNNING);
  context.TryCancel();
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(campaigns_->Abort(campaign.name()).ok());
}

TEST_F(CampaignServiceTest, ARepeatedStartIsOneCampaign) {
  clock_.HaltAt(start_ + absl::Seconds(5));
  v1::StartCampaignRequest request;
  request.set_plan_yaml(TwoWindows());
  request.set_request_id("42");
  v1::Campaign first;
  v1::Campaign second;
  grpc::ClientContext first_context;
  grpc::ClientContext second_context;
  ASSERT_TRUE(stub_->StartCampaign(&first_context, request, &first).ok());
  ASSERT_TRUE(stub_->StartCampaign(&second_context, request, &second).ok());
  EXPECT_EQ(second.name(), first.name());
  EXPECT_TRUE(campaigns_->Abort(first.name()).ok());
}

}  // namespace
}  // namespace grayling
