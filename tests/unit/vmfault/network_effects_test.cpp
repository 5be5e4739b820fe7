#include "tests/unit/vmfault/effect_fixture.h"
#include "vmfault/link_down.h"
#include "vmfault/nic_delay.h"

namespace grayling::vmfault {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class NicDelayTest : public EffectTest<NicDelay> {
 protected:
  NicDelayTest() : EffectTest("vm.nic_delay") { order_.parameters["hold_ms"] = 50; }
};

TEST_F(NicDelayTest, EachCardGetsAFilterWithTheFaultsName) {
  vm_.AddTap();
  EXPECT_THAT(Applied(), UnorderedElementsAre(Pair("hold_ms", 50)));
  ASSERT_THAT(vm_.filters, SizeIs(2));
  for (const auto& [id, interval] : vm_.filters) {
    EXPECT_THAT(id, testing::StartsWith("grayling-"));
    EXPECT_EQ(interval, 50'000);
  }
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_THAT(vm_.filters, IsEmpty());
}

TEST_F(NicDelayTest, OneCardCanBeNamedByItsMacAddressOrItsNetdev) {
  vm_.AddTap();
  order_.options["nic"] = FakeVm::kTapMac;
  Applied();
  ASSERT_THAT(vm_.filters, SizeIs(1));
  EXPECT_THAT(vm_.filters.begin()->first, HasSubstr("-hostnet0"));
  order_.options["nic"] = "eth9";
  EXPECT_THAT(ReadEarlier(), HasSubstr("no network card 'eth9'"));
}

TEST_F(NicDelayTest, AShareOfZeroRemovesTheFilterAndALaterOneMakesItAgain) {
  Applied();
  ASSERT_EQ(SentenceOf(effect_->SetShare(0.5)), "");
  EXPECT_EQ(vm_.filters.begin()->second, 25'000);
  ASSERT_EQ(SentenceOf(effect_->SetShare(0)), "");
  EXPECT_THAT(vm_.filters, IsEmpty());
  EXPECT_EQ(SentenceOf(effect_->StillThere()), "");
  ASSERT_EQ(SentenceOf(effect_->SetShare(1)), "");
  EXPECT_EQ(vm_.filters.begin()->second, 50'000);
}

TEST_F(NicDelayTest, FiltersOfOthersAreLeftAlone) {
  vm_.filters["colo"] = 1;
  Applied();
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_THAT(vm_.filters, UnorderedElementsAre(Pair("colo", 1)));
}

TEST_F(NicDelayTest, AFilterThatDoesNotGoIsResidue) {
  Applied();
  vm_.misbehaviour.keeps_filters = true;
  EXPECT_THAT(RevertedFromTheMark(), HasSubstr("still has the filter grayling-"));
}

TEST_F(NicDelayTest, AFilterThatSomebodyRemovesIsLost) {
  Applied();
  vm_.filters.clear();
  EXPECT_NE(SentenceOf(effect_->StillThere()), "");
}

class LinkDownTest : public EffectTest<LinkDown> {
 protected:
  LinkDownTest() : EffectTest("vm.link_down") {}
};

TEST_F(LinkDownTest, CardsOfLibvirtAndOfTheCommandLineLoseTheirCarrierAndGetItBack) {
  vm_.AddTap();
  EXPECT_THAT(Applied(), UnorderedElementsAre(Pair("down", 1)));
  EXPECT_FALSE(vm_.link_up[FakeVm::kOwnMac]);
  EXPECT_FALSE(vm_.link_up[FakeVm::kTapMac]);
  EXPECT_EQ(RevertedFromTheMark(), "");
  EXPECT_TRUE(vm_.link_up[FakeVm::kOwnMac]);
  EXPECT_TRUE(vm_.link_up[FakeVm::kTapMac]);
  EXPECT_EQ(vm_.devices.interfaces.front().link_state, "") << "as the XML had it";
}

TEST_F(LinkDownTest, ACableThatIsOutAlreadyIsRefusedSoThatTheEndDoesNotPlugItIn) {
  vm_.link_up[FakeVm::kOwnMac] = false;
  EXPECT_THAT(ReadEarlier(), HasSubstr("out already"));
}

TEST_F(LinkDownTest, BeingOnOrOffItIsOnFromAShareOfAHalf) {
  Applied();
  ASSERT_EQ(SentenceOf(effect_->SetShare(0.49)), "");
  EXPECT_TRUE(vm_.link_up[FakeVm::kOwnMac]);
  ASSERT_EQ(SentenceOf(effect_->SetShare(0.5)), "");
  EXPECT_FALSE(vm_.link_up[FakeVm::kOwnMac]);
}

TEST_F(LinkDownTest, ACableThatSomebodyPlugsInIsLost) {
  Applied();
  vm_.link_up[FakeVm::kOwnMac] = true;
  EXPECT_THAT(SentenceOf(effect_->StillThere()), HasSubstr("plugged"));
}

}  // namespace
}  // namespace grayling::vmfault
