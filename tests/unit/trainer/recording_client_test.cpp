#include "ml/commands/recording_client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "grayling/v1/dataset.grpc.pb.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Streams what the test put in, for one campaign.
class FakeDatasets final : public v1::DatasetService::Service {
 public:
  grpc::Status StreamDataset(grpc::ServerContext*, const v1::StreamDatasetRequest* request,
                             grpc::ServerWriter<v1::StreamDatasetResponse>* writer) override {
    if (request->campaign() != "campaigns/demo") {
      return {grpc::StatusCode::NOT_FOUND, "no such campaign"};
    }
    for (const v1::StreamDatasetResponse& response : responses) writer->Write(response);
    return grpc::Status::OK;
  }
  std::vector<v1::StreamDatasetResponse> responses;
};

// "group split windows" of each run.
std::vector<std::string> Splits(const absl::StatusOr<Dataset>& dataset) {
  EXPECT_TRUE(dataset.ok()) << dataset.status();
  std::vector<std::string> splits;
  for (const grayling::Run& run : dataset->runs) {
    splits.push_back(absl::StrCat(run.group, " ", run.split, " ", run.windows.size()));
  }
  return splits;
}

class RecordingClient : public ::testing::Test {
 protected:
  RecordingClient() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&datasets_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
    v1::DatasetHeader& header = *datasets_.responses.emplace_back().mutable_header();
    header.set_name("demo");
    header.set_period_s(1);
    header.add_columns("a/cpu");
    header.add_columns("load");
    header.add_edges()->set_callee("a");
  }
  ~RecordingClient() override { server_->Shutdown(); }

  void AddWindow(double start, double end, const std::string& group) {
    v1::LabelWindow& window = *datasets_.responses[0].mutable_header()->add_windows();
    window.set_start(start);
    window.set_end(end);
    window.set_label("cpu");
    window.set_service("a");
    window.set_group(group);
  }
  void AddRow(double time, std::vector<double> values) {
    v1::DatasetRow& row = *datasets_.responses.emplace_back().add_rows();
    row.set_time(time);
    for (const double value : values) row.add_values(value);
  }

  FakeDatasets datasets_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

TEST_F(RecordingClient, KeepsColumnsRowsAndMissingValues) {
  AddRow(10, {0.5, 7});
  AddRow(11, {std::numeric_limits<double>::quiet_NaN(), 8});
  const auto dataset = FetchRecording(address_, "campaigns/demo");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(dataset->columns, ElementsAre("a/cpu", "load"));
  ASSERT_THAT(dataset->runs, SizeIs(1));
  EXPECT_THAT(dataset->runs[0].time, ElementsAre(10, 11));
  EXPECT_EQ(dataset->runs[0].values(0, 1), 7);
  EXPECT_TRUE(std::isnan(dataset->runs[0].values(1, 0)));
}

TEST_F(RecordingClient, HoldsTheLastGroupOut) {
  AddWindow(30, 40, "r1");
  AddWindow(80, 90, "r2");
  AddWindow(130, 140, "r3");
  for (int t = 0; t < 160; ++t) AddRow(t, {0, 0});
  auto dataset = FetchRecording(address_, "campaigns/demo");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(Splits(JoinRecordings({*dataset})),
              ElementsAre("r1 train 1", "r2 train 1", "r3 test 1"));
}

TEST_F(RecordingClient, TrainsOnARecordingWithOneGroup) {
  AddWindow(3, 5, "r1");
  for (int t = 0; t < 9; ++t) AddRow(t, {0, 0});
  const auto dataset = FetchRecording(address_, "campaigns/demo");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_THAT(Splits(JoinRecordings({*dataset})), ElementsAre("r1 train 1"));
}

// A recording with a window of each group every 50 rows.
Dataset RecordingOf(const std::string& campaign, const std::vector<std::string>& groups) {
  Dataset dataset;
  dataset.name = campaign;
  dataset.columns = {"x"};
  grayling::Run& run = dataset.runs.emplace_back();
  run.id = campaign;
  for (const std::string& group : groups) {
    const auto start = static_cast<double>(run.windows.size()) * 50 + 30;
    run.windows.push_back({start, start + 10, "cpu", "", group, {}, {}});
  }
  for (size_t row = 0; row < 50 * groups.size() + 50; ++row) {
    run.time.push_back(static_cast<double>(row));
  }
  run.values = Matrix::Zero(static_cast<Eigen::Index>(run.time.size()), 1);
  return dataset;
}

TEST(JoinRecordings, HoldsTheLastGroupOfEachOut) {
  EXPECT_THAT(
      Splits(JoinRecordings({RecordingOf("a", {"r1", "r2"}), RecordingOf("b", {"r1", "r2"})})),
      ElementsAre("a-r1 train 1", "a-r2 test 1", "b-r1 train 1", "b-r2 test 1"));
}

TEST(JoinRecordings, HoldsTheLastRecordingOutWhenNoneHasTwoGroups) {
  EXPECT_THAT(Splits(JoinRecordings({RecordingOf("a", {"r1"}), RecordingOf("b", {"r1"})})),
              ElementsAre("a-r1 train 1", "b-r1 test 1"));
}

TEST(JoinRecordings, KeepsARecordingWithoutFaultsForTraining) {
  EXPECT_THAT(Splits(JoinRecordings({RecordingOf("calm", {}), RecordingOf("b", {"r1", "r2"})})),
              ElementsAre("calm train 0", "b-r1 train 1", "b-r2 test 1"));
}

TEST(JoinRecordings, RefusesACampaignThatComesTwice) {
  EXPECT_EQ(JoinRecordings({RecordingOf("a", {"r1"}), RecordingOf("a", {"r1"})}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(RecordingClient, PassesTheWordsOfTheDaemonOn) {
  const auto dataset = FetchRecording(address_, "campaigns/other");
  EXPECT_THAT(std::string(dataset.status().message()), HasSubstr("no such campaign"));
}

TEST_F(RecordingClient, RefusesRowsThatDoNotMatchTheHeader) {
  AddRow(10, {0.5});
  EXPECT_EQ(FetchRecording(address_, "campaigns/demo").status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace grayling
