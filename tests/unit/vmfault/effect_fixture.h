#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/unit/vmfault/fake_machine.h"
#include "vmfault/machine_effect.h"

namespace grayling::vmfault {

// Effects on a fake VM, used as their keeper uses them: what was there earlier is read by one
// object, put into the order, and the fault is made by another.
template <typename Kind>
class EffectTest : public testing::Test {
 protected:
  explicit EffectTest(const std::string& kind) {
    order_.id = "f-1";
    order_.kind = kind;
    order_.ttl_ms = 10'000;
    order_.domain = "lab";
  }

  // The refusal, or "" when there was none.
  std::string ReadEarlier() {
    Result<Earlier> earlier = Kind(order_, vm_.Opener()).ReadEarlier();
    if (!earlier.ok()) return earlier.error().sentence;
    order_.earlier = *earlier;
    effect_ = std::make_unique<Kind>(order_, vm_.Opener());
    return "";
  }

  // The fault in force; its values.
  std::map<std::string, double> Applied() {
    EXPECT_EQ(ReadEarlier(), "");
    Result<probe::ReadBack> read_back = effect_->Apply();
    EXPECT_TRUE(read_back.ok()) << read_back.error().sentence;
    return read_back.ok() ? read_back->values : std::map<std::string, double>();
  }

  static std::string SentenceOf(const Status& status) {
    return status.ok() ? "" : status.error().sentence;
  }

  // As a process does that has only the mark.
  std::string RevertedFromTheMark() { return SentenceOf(Kind(order_, vm_.Opener()).Revert()); }

  FakeVm vm_;
  probe::FaultOrder order_;
  std::unique_ptr<Kind> effect_;
};

}  // namespace grayling::vmfault
