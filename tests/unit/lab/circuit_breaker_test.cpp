#include "deploy/lab/application/circuit_breaker.h"

#include "base/manual_clock.h"
#include "gtest/gtest.h"

namespace grayling::lab {
namespace {

class CircuitBreakerTest : public testing::Test {
 protected:
  void Call(bool success, size_t times) {
    for (size_t i = 0; i < times; ++i) {
      if (breaker_.Allow()) breaker_.Record(success);
    }
  }

  ManualClock clock_{absl::UnixEpoch()};
  CircuitBreaker breaker_{clock_};
};

TEST_F(CircuitBreakerTest, StaysClosedBelowTheMinimumOfCalls) {
  Call(false, CircuitBreaker::kMinimumCalls - 1);
  EXPECT_FALSE(breaker_.IsOpen());
  EXPECT_TRUE(breaker_.Allow());
}

TEST_F(CircuitBreakerTest, OpensWhenHalfOfTheWindowFailed) {
  Call(true, 25);
  Call(false, 24);
  EXPECT_FALSE(breaker_.IsOpen());
  Call(false, 1);
  EXPECT_TRUE(breaker_.IsOpen());
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(CircuitBreakerTest, ForgetsFailuresThatLeftTheWindow) {
  Call(true, 26);
  Call(false, 24);
  Call(true, CircuitBreaker::kWindow);
  Call(false, 24);
  EXPECT_FALSE(breaker_.IsOpen());
}

TEST_F(CircuitBreakerTest, LetsOneCallThroughAfterTheWait) {
  Call(false, CircuitBreaker::kMinimumCalls);
  clock_.Advance(CircuitBreaker::kOpenFor - absl::Milliseconds(1));
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_TRUE(breaker_.Allow());
  EXPECT_FALSE(breaker_.Allow());
}

TEST_F(CircuitBreakerTest, ClosesAfterASuccessfulProbe) {
  Call(false, CircuitBreaker::kMinimumCalls);
  clock_.Advance(CircuitBreaker::kOpenFor);
  Call(true, 1);
  EXPECT_FALSE(breaker_.IsOpen());
  Call(false, CircuitBreaker::kMinimumCalls - 1);
  EXPECT_FALSE(breaker_.IsOpen());
}

TEST_F(CircuitBreakerTest, WaitsAgainAfterAFailedProbe) {
  Call(false, CircuitBreaker::kMinimumCalls);
  clock_.Advance(CircuitBreaker::kOpenFor);
  Call(false, 1);
  EXPECT_FALSE(breaker_.Allow());
  clock_.Advance(CircuitBreaker::kOpenFor);
  EXPECT_TRUE(breaker_.Allow());
}

}  // namespace
}  // namespace grayling::lab
