#include "client/cli/arguments.h"

#include <gmock/gmock.h>

#include "client/cli/daemon_address.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

TEST(ArgumentsTest, CompletesShortNames) {
  EXPECT_EQ(ResourceName("vms", "lab"), "vms/lab");
  EXPECT_EQ(ResourceName("vms", "vms/lab"), "vms/lab");
}

TEST(ArgumentsTest, ReadsDurationsThatAreNotNegative) {
  absl::Duration value;
  EXPECT_TRUE(ReadDuration("1m30s", value));
  EXPECT_EQ(value, absl::Seconds(90));
  EXPECT_TRUE(ReadDuration("250ms", value));
  for (const char* bad : {"30", "-5s", "inf", "", "soon"}) EXPECT_FALSE(ReadDuration(bad, value));
}

TEST(ArgumentsTest, ReadsInstants) {
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  absl::Time value;
  EXPECT_TRUE(ReadInstant("now", now, value));
  EXPECT_EQ(value, now);
  EXPECT_TRUE(ReadInstant("5m", now, value));
  EXPECT_EQ(value, now - absl::Minutes(5));
  EXPECT_TRUE(ReadInstant("2026-03-01T10:15:00.250Z", now, value));
  EXPECT_EQ(absl::ToUnixMillis(value), 1772360100250);
  for (const char* bad : {"yesterday", "2026-03-01", "infinite-past", ""}) {
    EXPECT_FALSE(ReadInstant(bad, now, value)) << bad;
  }
}

TEST(DaemonAddressTest, TakesUnixSocketsAndLoopback) {
  EXPECT_EQ(DaemonAddress("unix:///run/x.sock").value(), "unix:///run/x.sock");
  EXPECT_EQ(DaemonAddress("/run/x.sock").value(), "unix:///run/x.sock");
  EXPECT_EQ(DaemonAddress("127.0.0.1:9000").value(), "127.0.0.1:9000");
}

TEST(DaemonAddressTest, RefusesPlainTcpToAnotherMachine) {
  const auto address = DaemonAddress("lab.example.org:9000");
  EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(address.status().message()), HasSubstr("ssh -L"));
}

}  // namespace
}  // namespace grayling
