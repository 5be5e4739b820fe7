#include "daemon/rpc/fault_service.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/fault_kinds.h"
#include "base/proto_time.h"
#include "tests/unit/fault/faults_fixture.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FaultServiceTest : public FaultsTest {
 protected:
  v1::InjectFaultRequest DelayRequest(const std::string& request_id) {
    v1::InjectFaultRequest request;
    request.mutable_spec()->set_kind("network.delay");
    request.mutable_spec()->set_vm("vms/lab");
    request.mutable_spec()->set_service("visits-service");
    (*request.mutable_spec()->mutable_parameters())["delay_ms"] = 40;
    request.mutable_spec()->mutable_duration()->set_seconds(12);
    request.set_request_id(request_id);
    return request;
  }

  std::optional<std::string> campaign_in_lab_;
  FaultServiceAdapter service_{*faults_, [this](const std::string& vm) {
                                 return vm == "vms/lab" ? campaign_in_lab_ : std::nullopt;
                               }};
};

TEST_F(FaultServiceTest, AnInjectedFaultShowsItsLabelsStartAndNoEndYet) {
  const v1::InjectFaultRequest request = DelayRequest("");
  v1::Fault fault;
  ASSERT_TRUE(service_.InjectFault(nullptr, &request, &fault).ok());
  EXPECT_EQ(fault.state(), v1::FAULT_STATE_VERIFIED);
  EXPECT_EQ(FromProto(fault.verified_time()), clock_.Now());
  EXPECT_FALSE(fault.has_reverted_time());
  EXPECT_EQ(fault.spec().parameters().at("jitter_ms"), 0);
  EXPECT_EQ(fault.spec().duration().seconds(), 12);
}

TEST_F(FaultServiceTest, ARepeatedRequestInjectsOnce) {
  const v1::InjectFaultRequest request = DelayRequest("4711");
  v1::Fault first;
  v1::Fault second;
  ASSERT_TRUE(service_.InjectFault(nullptr, &request, &first).ok());
  ASSERT_TRUE(service_.InjectFault(nullptr, &request, &second).ok());
  EXPECT_EQ(second.name(), first.name());
  EXPECT_THAT(guest_.LiveMarks(), SizeIs(1));
}

TEST_F(FaultServiceTest, ARequestThatFailedMayBeRepeatedWithItsId) {
  const v1::InjectFaultRequest request = DelayRequest("4711");
  v1::Fault fault;
  guest_.Misbehave({.is_unreachable = true});
  EXPECT_EQ(service_.InjectFault(nullptr, &request, &fault).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  guest_.Misbehave({});
  EXPECT_TRUE(service_.InjectFault(nullptr, &request, &fault).ok());
}

TEST_F(FaultServiceTest, AFaultByHandIsRefusedWhileACampaignRunsThereAndARevertIsNot) {
  const FaultRecord earlier = Injected(Delay());
  campaign_in_lab_ = "campaigns/20260301T101500-demo";
  const v1::InjectFaultRequest request = DelayRequest("");
  v1::Fault fault;
  const grpc::Status refused = service_.InjectFault(nullptr, &request, &fault);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(refused.error_message(), HasSubstr(*campaign_in_lab_));
  v1::RevertFaultRequest revert;
  revert.set_name(earlier.name);
  EXPECT_TRUE(service_.RevertFault(nullptr, &revert, &fault).ok());
  EXPECT_THAT(guest_.LiveMarks(), IsEmpty());
}

TEST_F(FaultServiceTest, ListingsArePaged) {
  FaultRequest load{"cpu.load", "vms/lab", "vets-service", {}, absl::Seconds(60), ""};
  for (int i = 0; i < 3; ++i) Injected(load);
  v1::ListFaultsRequest request;
  request.set_page_size(2);
  v1::ListFaultsResponse first;
  ASSERT_TRUE(service_.ListFaults(nullptr, &request, &first).ok());
  EXPECT_EQ(first.faults_size(), 2);
  request.set_page_token(first.next_page_token());
  v1::ListFaultsResponse second;
  ASSERT_TRUE(service_.ListFaults(nullptr, &request, &second).ok());
  EXPECT_EQ(second.faults_size(), 1);
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(FaultServiceTest, TheCatalogueIsListedWithItsRanges) {
  v1::ListFaultKindsRequest request;
  v1::ListFaultKindsResponse response;
  ASSERT_TRUE(service_.ListFaultKinds(nullptr, &request, &response).ok());
  ASSERT_EQ(static_cast<size_t>(response.kinds_size()), FaultKinds().size());
  const auto delay = std::find_if(response.kinds().begin(), response.kinds().end(),
                                  [](const auto& kind) { return kind.kind() == "network.delay"; });
  ASSERT_NE(delay, response.kinds().end());
  EXPECT_EQ(delay->parameters(0).maximum(), 10000);
  EXPECT_THAT(delay->options(0).choices(), testing::ElementsAre("in", "out", "both"));
}

TEST(RequestMemory, OfTwoRequestsAtOnceOneDoesTheWork) {
  RequestMemory memory;
  absl::Notification is_working;
  absl::Notification may_finish;
  std::thread first([&] {
    EXPECT_EQ(*memory.Once("id",
                           [&]() -> absl::StatusOr<std::string> {
                             is_working.Notify();
                             may_finish.WaitForNotification();
                             return "made";
                           }),
              "made");
  });
  is_working.WaitForNotification();
  std::thread second([&] {
    EXPECT_EQ(*memory.Once("id", []() -> absl::StatusOr<std::string> { return "made twice"; }),
              "made");
  });
  may_finish.Notify();
  first.join();
  second.join();
}

}  // namespace
}  // namespace grayling
