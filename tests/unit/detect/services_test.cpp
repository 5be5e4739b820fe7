// The room's three gRPC services, through a server inside this process.
#include <grpcpp/grpcpp.h>

#include <cmath>

#include "base/proto_time.h"
#include "daemon/detect/models.h"
#include "daemon/rpc/dataset_service.h"
#include "daemon/rpc/detector_service.h"
#include "daemon/rpc/model_service.h"
#include "detect_fixture.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {
namespace {

class ServicesTest : public DetectFixture {
 protected:
  ServicesTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&dataset_service_);
    builder.RegisterService(&model_service_);
    builder.RegisterService(&detector_service_);
    server_ = builder.BuildAndStart();
    channel_ = server_->InProcessChannel({});
  }
  ~ServicesTest() override {
    feed_.Close();
    server_->Shutdown();
  }

  RecordStore campaigns_{*database_, "campaigns"};
  RecordStore model_records_{*database_, "models"};
  ModelActivations activations_{*database_};
  Models models_{model_records_, activations_, *detector_, clock_};
  DatasetServiceAdapter dataset_service_{campaigns_, store_};
  ModelServiceAdapter model_service_{models_};
  DetectorServiceAdapter detector_service_{feed_, *alarms_};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ServicesTest, ADatasetIsAHeaderAndThenAtMost500RowsAMessage) {
  for (int second = 0; second < 1200; ++second) {
    ASSERT_TRUE(store_
                    .Append(store_.Batch((kStartS + second) * 1000 + 500,
                                         {{"g", second}, {LoadOf("a"), 1}}))
                    .ok());
  }
  v1::Campaign campaign;
  campaign.set_name("campaigns/demo");
  campaign.set_state(v1::CAMPAIGN_STATE_COMPLETED);
  ToProto(At(0), campaign.mutable_start_time());
  ToProto(At(1200), campaign.mutable_end_time());
  v1::FaultWindow* window = campaign.add_windows();
  window->set_outcome("done");
  window->mutable_spec()->set_kind("network.delay");
  (*window->mutable_spec()->mutable_parameters())["delay_ms"] = 80;
  ToProto(At(100), window->mutable_start_time());
  ToProto(At(200), window->mutable_end_time());
  ASSERT_TRUE(campaigns_.Put(campaign.name(), campaign.SerializeAsString(), At(0)).ok());

  const auto stub = v1::DatasetService::NewStub(channel_);
  grpc::ClientContext context;
  v1::StreamDatasetRequest request;
  request.set_campaign("campaigns/demo");
  const auto reader = stub->StreamDataset(&context, request);
  v1::StreamDatasetResponse message;
  ASSERT_TRUE(reader->Read(&message));
  ASSERT_TRUE(message.has_header());
  EXPECT_EQ(message.rows_size(), 0);
  EXPECT_EQ(message.header().columns_size(), 2);
  EXPECT_EQ(message.header().windows(0).intensity(), 80);
  std::vector<int> sizes;
  std::vector<double> times;
  while (reader->Read(&message)) {
    EXPECT_FALSE(message.has_header());
    sizes.push_back(message.rows_size());
    for (const v1::DatasetRow& row : message.rows()) {
      ASSERT_EQ(row.values_size(), 2);
      EXPECT_EQ(row.values(0), static_cast<double>(times.size()));
      times.push_back(row.time());
    }
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(sizes, (std::vector<int>{500, 500, 200}));
  EXPECT_EQ(times.front(), kStartS + 1);
  EXPECT_EQ(times.back(), kStartS + 1200);
}

TEST_F(ServicesTest, AnUnknownCampaignIsNotFound) {
  const auto stub = v1::DatasetService::NewStub(channel_);
  grpc::ClientContext context;
  v1::StreamDatasetRequest request;
  request.set_campaign("campaigns/none");
  const auto reader = stub->StreamDataset(&context, request);
  v1::StreamDatasetResponse message;
  EXPECT_FALSE(reader->Read(&message));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ServicesTest, AModelIsUploadedListedAndActivated) {
  const auto stub = v1::ModelService::NewStub(channel_);
  v1::UploadModelRequest upload;
  upload.set_content(SerializeModel(TwoServiceModel()));
  v1::Model model;
  for (int i = 0; i < 2; ++i) {
    grpc::ClientContext context;
    ASSERT_TRUE(stub->UploadModel(&context, upload, &model).ok());
  }
  v1::ActivateModelRequest activate;
  activate.set_name(model.name());
  grpc::ClientContext activate_context;
  ASSERT_TRUE(stub->ActivateModel(&activate_context, activate, &model).ok());
  EXPECT_TRUE(model.active());
  v1::ListModelsRequest list;
  list.set_page_size(1);
  v1::ListModelsResponse page;
  grpc::ClientContext list_context;
  ASSERT_TRUE(stub->ListModels(&list_context, list, &page).ok());
  ASSERT_EQ(page.models_size(), 1);
  EXPECT_EQ(page.models(0).name(), "models/1");
  EXPECT_FALSE(page.next_page_token().empty());
  EXPECT_TRUE(RowWith(1, 5, 0).alarm);
}

TEST_F(ServicesTest, ARepeatedRollbackGoesBackOnce) {
  const auto stub = v1::ModelService::NewStub(channel_);
  for (const char* name : {"models/1", "models/2", "models/3"}) {
    ASSERT_TRUE(models_.Upload(SerializeModel(TwoServiceModel()), "").ok());
    ASSERT_TRUE(models_.Activate(name).ok());
  }
  v1::RollbackModelRequest request;
  request.set_request_id("once");
  v1::Model model;
  for (int i = 0; i < 2; ++i) {
    grpc::ClientContext context;
    ASSERT_TRUE(stub->RollbackModel(&context, request, &model).ok());
    EXPECT_EQ(model.name(), "models/2");
    EXPECT_TRUE(model.active());
  }
  request.set_request_id("twice");
  grpc::ClientContext back_context;
  ASSERT_TRUE(stub->RollbackModel(&back_context, request, &model).ok());
  EXPECT_EQ(model.name(), "models/1");
  request.set_request_id("thrice");
  grpc::ClientContext refused_context;
  EXPECT_EQ(stub->RollbackModel(&refused_context, request, &model).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(ServicesTest, ABadModelIsAnInvalidArgument) {
  const auto stub = v1::ModelService::NewStub(channel_);
  v1::UploadModelRequest upload;
  upload.set_content("not a model");
  v1::Model model;
  grpc::ClientContext context;
  EXPECT_EQ(stub->UploadModel(&context, upload, &model).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ServicesTest, WatchedScoresComeAsRowsAreScoredUntilTheClientLeaves) {
  ASSERT_TRUE(detector_->Activate("models/1", TwoServiceModel()).ok());
  const auto stub = v1::DetectorService::NewStub(channel_);
  grpc::ClientContext context;
  const auto reader = stub->WatchScores(&context, {});
  reader->WaitForInitialMetadata();
  RowWith(1, 0, 5);
  v1::WatchScoresResponse scores;
  ASSERT_TRUE(reader->Read(&scores));
  EXPECT_EQ(scores.time().seconds(), kStartS + 1);
  EXPECT_TRUE(scores.alarm());
  ASSERT_EQ(scores.services_size(), 2);
  EXPECT_EQ(scores.services(1).service(), "b");
  EXPECT_EQ(scores.services(1).score(), scores.score());
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ServicesTest, WatchingEndsWellWhenTheFeedCloses) {
  const auto stub = v1::DetectorService::NewStub(channel_);
  grpc::ClientContext context;
  const auto reader = stub->WatchScores(&context, {});
  reader->WaitForInitialMetadata();
  feed_.Close();
  v1::WatchScoresResponse scores;
  EXPECT_FALSE(reader->Read(&scores));
  EXPECT_TRUE(reader->Finish().ok());
}

TEST_F(ServicesTest, AlarmsAreListedNewestFirstInPages) {
  ASSERT_TRUE(detector_->Activate("models/1", TwoServiceModel()).ok());
  for (int second = 1; second <= 6; ++second) RowWith(second, second % 2 == 1 ? 5 : 0, 0);
  const auto stub = v1::DetectorService::NewStub(channel_);
  v1::ListAlarmsRequest request;
  request.set_page_size(2);
  v1::ListAlarmsResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(stub->ListAlarms(&context, request, &response).ok());
  ASSERT_EQ(response.alarms_size(), 2);
  EXPECT_EQ(response.alarms(0).name(), "alarms/3");
  EXPECT_FALSE(response.next_page_token().empty());
}

}  // namespace
}  // namespace grayling
