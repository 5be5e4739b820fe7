#include "daemon/detect/recording.h"

#include <cmath>
#include <functional>

#include "base/proto_time.h"
#include "daemon/detect/campaign_dataset.h"
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
  ToProto(absl::FromUnixSeconds(kStartS), campaign.mutable_start_time());
  ToProto(absl::FromUnixSeconds(kStartS + 10), campaign.mutable_end_time());
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
    ToProto(At(2) + absl::Milliseconds(250), window->mutable_start_time());
    ToProto(At(4), window->mutable_end_time());
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
}

// The ends of the rows of a campaign of 20 s with one such window, in seconds since its start.
class LeftOutRowsTest : public RecordingTest {
 protected:
  std::vector<int> RowsWith(const std::function<void(v1::FaultWindow&)>& fill) {
    Append(500, {{"g", 1}});
    v1::Campaign campaign = EndedCampaign();
    ToProto(At(20), campaign.mutable_end_time());
    v1::FaultWindow& window = *campaign.add_windows();
    window.set_outcome("failed: the guest did not answer");
    ToProto(absl::Seconds(5), window.mutable_planned_start());
    ToProto(absl::Seconds(8), window.mutable_planned_end());
    fill(window);
    PutCampaign(campaign);
    const auto dataset = OpenDataset("campaigns/demo");
    EXPECT_TRUE(dataset.ok()) << dataset.status();
    std::vector<int> ends;
    for (const auto& [time, values] : Rows(dataset->recording)) {
      ends.push_back(static_cast<int>(time - kStartS));
    }
    return ends;
  }
  // Those of 1 to 20 that are not in [from, to].
  static std::vector<int> AllBut(int from, int to) {
    std::vector<int> ends;
    for (int end = 1; end <= 20; ++end) {
      if (end < from || end > to) ends.push_back(end);
    }
    return ends;
  }
};

TEST_F(LeftOutRowsTest, AreThoseOfAFailedWindowAndTheFourSecondsAfterIt) {
  EXPECT_EQ(RowsWith([](v1::FaultWindow& window) {
              ToProto(At(6) + absl::Milliseconds(250), window.mutable_start_time());
              ToProto(At(9), window.mutable_end_time());
            }),
            AllBut(7, 13));
}

TEST_F(LeftOutRowsTest, LieAsPlannedWhereTheInstantsAreUnknown) {
  EXPECT_EQ(RowsWith([](v1::FaultWindow&) {}), AllBut(6, 12));
  EXPECT_EQ(RowsWith([](v1::FaultWindow& window) {
              ToProto(absl::Seconds(2), window.mutable_lateness());
            }),
            AllBut(6, 14));
}

TEST_F(LeftOutRowsTest, LastAsLongAsPlannedWhereTheEndIsUnknown) {
  EXPECT_EQ(RowsWith([](v1::FaultWindow& window) {
              window.set_outcome("active");
              ToProto(At(7), window.mutable_start_time());
              ToProto(absl::InfinitePast(), window.mutable_end_time());
            }),
            AllBut(8, 14));
}

TEST_F(LeftOutRowsTest, AreNoneWhereAWindowWasDoneOrNeverTried) {
  EXPECT_EQ(RowsWith([](v1::FaultWindow& window) { window.set_outcome("planned"); }).size(), 20u);
  EXPECT_EQ(RowsWith([](v1::FaultWindow& window) {
              window.set_outcome("done");
              ToProto(At(6), window.mutable_start_time());
              ToProto(At(9), window.mutable_end_time());
            }).size(),
            20u);
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
