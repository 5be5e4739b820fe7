#include "tests/unit/vmfault/effect_fixture.h"
#include "vmfault/cpu_cap.h"
#include "vmfault/disk_throttle.h"
#include "vmfault/nic_throttle.h"

namespace grayling::vmfault {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

class CpuCapTest : public EffectTest<CpuCap> {
 protected:
  CpuCapTest() : EffectTest("vm.cpu_cap") { order_.parameters["percent"] = 40; }
};

TEST_F(CpuCapTest, APercentageIsAQuotaOfEachPeriodAndIsReadBack) {
  EXPECT_THAT(Applied(), UnorderedElementsAre(Pair("percent", 40)));
  EXPECT_EQ(vm_.cpu["vcpu_quota"], 40'000);
  EXPECT_EQ(vm_.cpu["vcpu_period"], 100'000);
  EXPECT_EQ(vm_.cpu["cpu_shares"], 1024) << "what the fault does not need is not written";
}

TEST_F(CpuCapTest, AnEarlierCapIsRestoredNotDeleted) {
  vm_.cpu["vcpu_quota"] = 45'000;
  vm_.cpu["vcpu_period"] = 50'000;
  Applied();
  EXPECT_EQ(vm_.cpu["vcpu_quota"], 40'000);
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.cpu["vcpu_quota"], 45'000);
  EXPECT_EQ(vm_.cpu["vcpu_period"], 50'000);
}

TEST_F(CpuCapTest, AVmThatIsCappedHarderAlreadyIsRefused) {
  vm_.cpu["vcpu_quota"] = 30'000;
  EXPECT_THAT(ReadEarlier(), HasSubstr("capped at 30 % already"));
}

TEST_F(CpuCapTest, ARampNeverRelaxesAnEarlierCap) {
  vm_.cpu["vcpu_quota"] = 60'000;
  order_.shape.kind = "ramp";
  EXPECT_THAT(Applied(), UnorderedElementsAre(Pair("percent", 100)));
  EXPECT_EQ(vm_.cpu["vcpu_quota"], 60'000);
  ASSERT_EQ(SentenceOf(effect_->SetShare(0.2)), "");
  EXPECT_EQ(vm_.cpu["vcpu_quota"], 60'000) << "83 % would be more than the 60 % of earlier";
  ASSERT_EQ(SentenceOf(effect_->SetShare(1)), "");
  EXPECT_EQ(vm_.cpu["vcpu_quota"], 40'000);
}

TEST_F(CpuCapTest, TheShareMovesTheQuotaBetweenEarlierAndAsked) {
  Applied();
  ASSERT_EQ(SentenceOf(effect_->SetShare(0.5)), "");
  EXPECT_NEAR(static_cast<double>(vm_.cpu["vcpu_quota"]), 63'246, 1) << "the geometric middle";
  ASSERT_EQ(SentenceOf(effect_->SetShare(0)), "");
  EXPECT_EQ(vm_.cpu["vcpu_quota"], -1);
  EXPECT_EQ(SentenceOf(effect_->StillThere()), "") << "harmless is no loss";
}

TEST_F(CpuCapTest, SuccessWithoutEffectIsAFailure) {
  vm_.misbehaviour.ignores_cpu_limits = true;
  ASSERT_EQ(ReadEarlier(), "");
  Result<probe::ReadBack> read_back = effect_->Apply();
  ASSERT_FALSE(read_back.ok());
  EXPECT_THAT(read_back.error().sentence,
              HasSubstr("vcpu_quota should be 40000, but libvirt reads back -1"));
}

TEST_F(CpuCapTest, ARevertWithoutEffectIsResidue) {
  Applied();
  vm_.misbehaviour.ignores_cpu_limits = true;
  EXPECT_THAT(RevertedFromTheMark(), HasSubstr("should be -1, but libvirt reads back 40000"));
}

TEST_F(CpuCapTest, ACapThatSomebodyLiftsIsLost) {
  Applied();
  vm_.cpu["vcpu_quota"] = -1;
  EXPECT_THAT(SentenceOf(effect_->StillThere()), HasSubstr("somebody changed it"));
}

TEST_F(CpuCapTest, ARestartedVmHasLostTheFaultAndIsLeftAlone) {
  Applied();
  vm_.Restart();
  vm_.cpu["vcpu_quota"] = 12'345;  // of the new run
  EXPECT_THAT(SentenceOf(effect_->StillThere()), HasSubstr("restarted"));
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.cpu["vcpu_quota"], 12'345);
}

TEST_F(CpuCapTest, AVmThatWasStoppedCarriesNothing) {
  Applied();
  vm_.Stop();
  EXPECT_THAT(SentenceOf(effect_->StillThere()), HasSubstr("stopped"));
  EXPECT_EQ(RevertedFromTheMark(), "");
}

TEST_F(CpuCapTest, AVmThatGoesDownBetweenTwoQuestionsIsSaidToHaveStopped) {
  Applied();
  vm_.misbehaviour.calls_before_it_stops = 1;
  EXPECT_THAT(SentenceOf(effect_->StillThere()), testing::StartsWith("the VM stopped"));
}

TEST_F(CpuCapTest, AVmThatDoesNotRunIsRefused) {
  vm_.Stop();
  EXPECT_THAT(ReadEarlier(), HasSubstr("does not run"));
}

TEST_F(CpuCapTest, ALibvirtThatIsBeingRestartedIsWaitedForAndNoLossOfTheFault) {
  Applied();
  vm_.misbehaviour.silent_calls = 1;
  EXPECT_EQ(SentenceOf(effect_->StillThere()), "");
  vm_.misbehaviour.silent_calls = 1;
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.cpu["vcpu_quota"], -1);
}

TEST_F(CpuCapTest, BeforeAnythingWasReadThereIsNothingToRevertAndNothingIsOpened) {
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.opened, 0);
}

class DiskThrottleTest : public EffectTest<DiskThrottle> {
 protected:
  DiskThrottleTest() : EffectTest("vm.disk_throttle") { order_.parameters["iops"] = 100; }
};

TEST_F(DiskThrottleTest, OnlyWritableDisksAreThrottled) {
  vm_.disks["vdb"] = vm_.disks["vda"];
  EXPECT_THAT(Applied(), UnorderedElementsAre(Pair("iops", 100)));
  EXPECT_EQ(vm_.disks["vda"]["total_iops_sec"], 100);
  EXPECT_EQ(vm_.disks["vdb"]["total_iops_sec"], 0);
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.disks["vda"]["total_iops_sec"], 0);
}

TEST_F(DiskThrottleTest, AnEarlierLimitWithItsMaximumComesBack) {
  vm_.disks["vda"]["total_iops_sec"] = 500;
  vm_.disks["vda"]["total_iops_sec_max"] = 600;
  Applied();
  EXPECT_EQ(vm_.disks["vda"]["total_iops_sec"], 100);
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.disks["vda"]["total_iops_sec"], 500);
  EXPECT_EQ(vm_.disks["vda"]["total_iops_sec_max"], 600);
}

TEST_F(DiskThrottleTest, AReadOnlyOrUnknownDiskIsRefused) {
  order_.options["disk"] = "vdb";
  EXPECT_THAT(ReadEarlier(), HasSubstr("no writable disk 'vdb'"));
}

TEST_F(DiskThrottleTest, LimitsOfReadsAloneAreNotOverwritten) {
  vm_.disks["vda"]["read_iops_sec"] = 50;
  EXPECT_THAT(ReadEarlier(), HasSubstr("limit of their own"));
}

class NicThrottleTest : public EffectTest<NicThrottle> {
 protected:
  NicThrottleTest() : EffectTest("vm.nic_throttle") { order_.parameters["kib_per_s"] = 100; }
};

TEST_F(NicThrottleTest, AUserModeCardIsRefusedInFavourOfAWait) {
  EXPECT_THAT(ReadEarlier(), HasSubstr("n0 has no tap device"));
  EXPECT_THAT(ReadEarlier(), HasSubstr("use vm.nic_delay"));
}

TEST_F(NicThrottleTest, OneUserModeCardAmongOthersIsRefusedRatherThanLeftOut) {
  vm_.AddTap();
  EXPECT_THAT(ReadEarlier(), HasSubstr("n0 has no tap device"));
}

TEST_F(NicThrottleTest, ACardWithATapIsLimitedInBothDirections) {
  vm_.AddTap();
  order_.options["nic"] = FakeVm::kTapMac;
  EXPECT_THAT(Applied(), UnorderedElementsAre(Pair("kib_per_s", 100)));
  EXPECT_EQ(vm_.nics[FakeVm::kTapMac]["inbound.average"], 100);
  EXPECT_EQ(vm_.nics[FakeVm::kTapMac]["outbound.average"], 100);
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_EQ(vm_.nics[FakeVm::kTapMac]["inbound.average"], 0);
  EXPECT_FALSE(vm_.has_queue_on_tap);
}

TEST_F(NicThrottleTest, WhatAFailedCallLeftOnTheTapIsClearedThoughLibvirtReadsBackNoLimit) {
  vm_.AddTap();
  order_.options["nic"] = FakeVm::kTapMac;
  vm_.misbehaviour.loses_nic_limits_half = true;
  ASSERT_EQ(ReadEarlier(), "");
  EXPECT_FALSE(effect_->Apply().ok());
  EXPECT_TRUE(vm_.has_queue_on_tap);
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_FALSE(vm_.has_queue_on_tap);
}

}  // namespace
}  // namespace grayling::vmfault
