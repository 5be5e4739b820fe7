#include "daemon/detect/recording.h"

#include <cmath>

#include "daemon/detect/campaign_dataset.h"
#include "daemon/detect/proto_time.h"
#include "detect_fixture.h"
#include "grayling/v1/campaign.pb.h"

namespace grayling {
namespace {

using Table = std::vector<std::pair<double, std::vector<double>>>;

class RecordingTest : public DetectFixture {
 protected:
  void Append(int64_t ms, const std::vector<std::pair<std::string, double>>& samples) {
    ASSERT_TRUE(store_.Append(store_.Batch(kStartS * 1000 + ms, samples)).ok());
  }
  static Table Rows(const Recording& recording) {
    Table table;
    EXPECT_TRUE(recording
                    .ForEachRow([&](double time, absl::Span<const double> values) {
                      table.emplace_back(time, std::vector<double>(values.begin(), values.end()));
                      return absl::OkStatus();
                    })
                    .ok());
    return table;
  }
  void PutCampaign(const v1::Campaign& campaign) {
    ASSERT_TRUE(campaigns_.Put(campaign.name(), campaign.SerializeAsString(), At(0)).ok());
  }
  absl::StatusOr<CampaignDataset> OpenDataset(const std::string& name) {
    return OpenCampaignDataset(campaigns_, store_, name, absl::Seconds(1),
                               [](const v1::FaultSpec& spec) -> std::optional<double> {
                                 if (spec.parameters().empty()) return std::nullopt;
                                 return spec.parameters().begin()->second;
                               });
  }

  RecordStore campaigns_{*database_, "campaigns"};
};

v1::Campaign EndedCampaign() {
  v1::Campaign campaign;
  campaign.set_name("campaigns/demo");
  campaign.set_state(v1::CAMPAIGN_STATE_COMPLETED);
  *campaign.mutable_start_time() = TimestampOf(absl::FromUnixSeconds(kStartS));
  *campaign.mutable_end_time() = TimestampOf(absl::FromUnixSeconds(kStartS + 10));
  return campaign;
}

TEST_F(RecordingTest, RowsEndAtWholeStepsAndEveryRowHasEveryColumn) {
  Append(300, {{"late_start", 1}});
  Append(2400, {{"g", 5}});
  Append(3000, {{"g", 6}});
  const auto recording =
      Recording::Open(store_, At(0) + absl::Milliseconds(200), At(3), absl::Seconds(1));
  ASSERT_TRUE(recording.ok()) << recording.status();
  EXPECT_EQ(recording->columns(), (std::vector<std::string>{"late_start", "g"}));
  const Table rows = Rows(*recording);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].first, kStartS + 1);
  EXPECT_EQ(rows[0].second[0], 1);
  EXPECT_TRUE(std::isnan(rows[0].second[1]));
  EXPECT_TRUE(std::isnan(rows[1].second[1]));  // a gap is a row of nothing, not an absent row
  EXPECT_EQ(rows[2].second[1], 6);
}

TEST_F(RecordingTest, SamplesOutsideTheSpanAreNoColumns) {
  Append(500, {{"inside", 1}});
  Append(-500, {{"before", 1}});
  Append(2500, {{"after", 1}});
  const auto recording = Recording::Open(store_, At(0), At(2), absl::Seconds(1));
  ASSERT_TRUE(recording.ok());
  EXPECT_EQ(recording->columns(), std::vector<std::string>{"inside"});
  EXPECT_EQ(Rows(*recording).size(), 2u);
}

TEST_F(RecordingTest, ASpanShorterThanAStepAndATinyStepAreRefused) {
  EXPECT_EQ(Recording::Open(store_, At(0), At(1), absl::Seconds(2)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Recording::Open(store_, At(0), At(1), absl::ZeroDuration()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(RecordingTest, OnlyWindowsThatWereDoneBecomeLabels) {
  Append(500, {{"g{container_name=\"gw\",upstream=\"vets\"}", 1}});
  v1::Campaign campaign = EndedCampaign();
  for (const char* outcome : {"done", "failed: the guest did not answer", "active", "planned"}) {
    v1::FaultWindow* window = campaign.add_windows();
    window->set_outcome(outcome);
    window->set_group("r1");
    window->mutable_spec()->set_kind("network.delay");
    window->mutable_spec()->set_service("vets");
    (*window->mutable_spec()->mutable_parameters())["delay_ms"] = 80;
    *window->mutable_start_time() = TimestampOf(At(2) + absl::Milliseconds(250));
    *window->mutable_end_time() = TimestampOf(At(4));
  }
  PutCampaign(campaign);
  const auto dataset = OpenDataset("campaigns/demo");
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  const v1::DatasetHeader& header = dataset->header;
  EXPECT_EQ(header.name(), "campaigns/demo");
  EXPECT_EQ(header.period_s(), 1);
  ASSERT_EQ(header.windows_size(), 1);
  EXPECT_EQ(header.windows(0).start(), kStartS + 2.25);
  EXPECT_EQ(header.windows(0).end(), kStartS + 4);
  EXPECT_EQ(header.windows(0).label(), "network.delay");
  EXPECT_EQ(header.windows(0).service(), "vets");
  EXPECT_EQ(header.windows(0).group(), "r1");
  EXPECT_EQ(header.windows(0).intensity(), 80);
  ASSERT_EQ(header.edges_size(), 1);
  EXPECT_EQ(header.edges(0).caller(), "gw");
  EXPECT_EQ(header.edges(0).callee(), "vets");
  EXPECT_EQ(Rows(dataset->recording).size(), 10u);
}

TEST_F(RecordingTest, ACampaignThatRunsOrIsUnknownHasNoDatasetYet) {
  v1::Campaign campaign = EndedCampaign();
  campaign.set_state(v1::CAMPAIGN_STATE_RUNNING);
  campaign.clear_end_time();
  PutCampaign(campaign);
  EXPECT_EQ(OpenDataset("campaigns/demo").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(OpenDataset("campaigns/none").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace grayling
