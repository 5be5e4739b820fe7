#include "daemon/fault/blade_injector.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/fault/fault_reverter.h"
#include "tests/unit/fault/faults_fixture.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

std::string ArgumentOf(const std::vector<std::string>& argv, const std::string& name) {
  const auto found = std::find(argv.begin(), argv.end(), name);
  return found == argv.end() || found + 1 == argv.end() ? "" : *(found + 1);
}

class BladeInjectorTest : public FaultsTest {
 protected:
  BladeInjectorTest() {
    std::vector<std::unique_ptr<Injector>> injectors = ProbeInjectors(guests_);
    injectors.push_back(std::make_unique<BladeInjector>(guests_, "/b/blade"));
    faults_ = std::make_unique<Faults>(journal_, events_, guests_, std::move(injectors), clock_);
    guest_.OnApply([this](const std::vector<std::string>& argv) {
      const std::string line = ArgumentOf(argv, "--arguments");
      lines_.push_back(line.empty() ? nlohmann::json() : nlohmann::json::parse(line));
    });
  }

  FaultRequest BladeDelay() {
    FaultRequest request = Delay();
    request.options = {{"direction", "out"}};
    request.backend = "chaosblade";
    return request;
  }

  std::vector<nlohmann::json> lines_;  // that reached the guest
};

TEST_F(BladeInjectorTest, ANativeKindIsMadeByBladeWhenAskedTo) {
  const FaultRecord fault = Injected(BladeDelay());
  EXPECT_EQ(fault.state, FaultState::kVerified);
  EXPECT_EQ(fault.backend, "chaosblade");
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_EQ(lines_[0][0], "/b/blade");
  EXPECT_EQ(lines_[0][4], "delay");
  EXPECT_EQ(lines_[0].back(), BladeUid(FaultMark(fault.name)));
}

TEST_F(BladeInjectorTest, TheNativeBackendKeepsAwayFromBlade) {
  Injected(Delay());
  EXPECT_EQ(lines_, std::vector<nlohmann::json>{nlohmann::json()});
}

TEST_F(BladeInjectorTest, ItIsRevertedThroughTheGuestsToolLikeEveryOther) {
  const FaultRecord fault = Injected(BladeDelay());
  const auto reverted = faults_->Revert(fault.name);
  ASSERT_TRUE(reverted.ok()) << reverted.status();
  EXPECT_EQ(reverted->state, FaultState::kReverted);
  EXPECT_TRUE(guest_.LiveMarks().empty());
}

TEST_F(BladeInjectorTest, AMarkWithoutAJournalLineIsRevertedOnce) {
  guest_.PlantMark("stray");
  const auto all = faults_->RevertAll("vms/lab");
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->unknown_marks, std::vector<std::string>{"stray"});
}

TEST_F(BladeInjectorTest, WhatBladeCannotDoNeverReachesTheGuest) {
  FaultRequest request = BladeDelay();
  request.options.clear();
  const absl::Status status = faults_->Inject(request).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("direction=out"));
  EXPECT_TRUE(lines_.empty());
  EXPECT_EQ(faults_->List(true)->size(), 0u);
}

TEST_F(BladeInjectorTest, AKindWithoutBladeIsRefusedWithTheBackendsItHas) {
  FaultRequest request = {"network.rate", "vms/lab", "visits-service", {}, absl::Seconds(9), ""};
  request.backend = "chaosblade";
  EXPECT_THAT(std::string(faults_->Inject(request).status().message()),
              HasSubstr("has no backend 'chaosblade'; it has native"));
}

TEST_F(BladeInjectorTest, AnEffectThatIsNotReadBackIsNoFault) {
  FakeProbeExecutor::Misbehaviour misbehaviour;
  misbehaviour.applies_without_effect = true;
  guest_.Misbehave(misbehaviour);
  const absl::Status status = faults_->Inject(BladeDelay()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("reads back none"));
  EXPECT_TRUE(guest_.LiveMarks().empty());
}

TEST_F(BladeInjectorTest, ABladeLineOnTheNetworkHoldsTheQdiscAsNativeKindsDo) {
  Injected(Delay());
  FaultRequest request = {"blade", "vms/lab", "visits-service", {}, absl::Seconds(9), ""};
  request.backend = "chaosblade";
  request.arguments = {"cri", "network", "loss", "--interface", "eth0", "--percent", "5"};
  const absl::Status status = faults_->Inject(request).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("holds the qdisc"));
  request.arguments = {"cri", "cpu", "load"};
  EXPECT_EQ(Injected(request).state, FaultState::kVerified);
}

TEST_F(BladeInjectorTest, AJvmsInsideIsNotComparedForItCannotBeRead) {
  FaultRequest request = {"jvm.gc", "vms/lab", "visits-service", {}, absl::Seconds(9), ""};
  request.backend = "chaosblade";
  EXPECT_EQ(Injected(request).state, FaultState::kVerified);
}

}  // namespace
}  // namespace grayling
