#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "client/cli/output/tables.h"
#include "grayling/v1/campaign.grpc.pb.h"
#include "tests/unit/cli/fake_daemon.h"

namespace grayling {
namespace {

using testing::HasSubstr;
using testing::Not;

class FakePlanner final : public v1::CampaignService::Service {
  grpc::Status PlanCampaign(grpc::ServerContext*, const v1::PlanCampaignRequest* request,
                            v1::PlanCampaignResponse* response) override {
    if (request->plan_yaml() != "name: demo\n") {
      return {grpc::StatusCode::INVALID_ARGUMENT, "plan line 1, column 1: unknown key"};
    }
    response->mutable_duration()->set_seconds(90);
    response->set_svg("<svg/>\n");
    return grpc::Status::OK;
  }
};

class CampaignPlanTest : public testing::Test {
 protected:
  CampaignPlanTest() { WritePlan("name: demo\n"); }

  void WritePlan(const std::string& yaml) { std::ofstream(Path("plan.yaml")) << yaml; }
  std::string Path(const std::string& name) const { return daemon_.folder() + "/" + name; }
  Result Plan(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"campaign", "plan", Path("plan.yaml")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunGrayling(daemon_.address(), arguments);
  }

  FakePlanner planner_;
  FakeDaemon daemon_{std::vector<grpc::Service*>{&planner_}};
};

TEST_F(CampaignPlanTest, PrintsTheTimelineWithoutThePicture) {
  EXPECT_THAT(Plan().out, HasSubstr("takes 0:01:30 (h:mm:ss), 0 windows in 0 classes"));
  EXPECT_THAT(Plan({"--output", "json"}).out, Not(HasSubstr("<svg")));
}

TEST_F(CampaignPlanTest, WritesThePictureWhereItIsWanted) {
  EXPECT_EQ(Plan({"--svg", Path("out.svg")}).status, 0);
  std::ostringstream picture;
  picture << std::ifstream(Path("out.svg")).rdbuf();
  EXPECT_EQ(picture.str(), "<svg/>\n");
}

TEST_F(CampaignPlanTest, SaysWhenThePictureCannotBeWritten) {
  const Result result = Plan({"--svg", Path("no/such/folder.svg")});
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("cannot write the file '"));
}

TEST_F(CampaignPlanTest, SaysWhatIsWrongWithThePlan) {
  WritePlan("nmae: demo\n");
  const Result result = Plan({"--svg", Path("out.svg")});
  EXPECT_NE(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("plan line 1, column 1: unknown key"));
  EXPECT_FALSE(std::ifstream(Path("out.svg")).good()) << "nothing is half done";
}

TEST(PlanTable, ShowsTheIntensityAndWhatDiffersFromTheCataloguesDefaults) {
  v1::PlanCampaignResponse plan;
  v1::FaultSpec& spec = *plan.add_windows()->mutable_spec();
  spec.set_kind("network.delay");
  (*spec.mutable_parameters())["delay_ms"] = 40;
  (*spec.mutable_parameters())["jitter_ms"] = 5;
  (*spec.mutable_parameters())["correlation_percent"] = 0;
  (*spec.mutable_options())["direction"] = "in";
  (*spec.mutable_options())["peer"] = "api-gateway";
  const Table table = TableOf(plan);
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_THAT(table.rows[0],
              testing::ElementsAre("0", "", "", "network.delay", "", "40 ms",
                                   "jitter_ms=5 peer=api-gateway", "0:00:00", "0:00:00"));
}

}  // namespace
}  // namespace grayling
